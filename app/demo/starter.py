def load_starter() -> bool:
    return False
