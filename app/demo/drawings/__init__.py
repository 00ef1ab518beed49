"""Pictures drawn by code, one function a kind: each takes a pen and a source of chance."""
