"""The screens of the administration, one module a section."""
