"""Run apart, never imported: the text of the PDF on standard input, on standard output, within limits."""

import contextlib
import io
import logging
import resource
import sys
import warnings

MOST_PAGES = 60
MEMORY = 768 * 1024 * 1024
SECONDS = 10


def main() -> int:
    """0 with the text, 2 when the file can't be read (broken, or locked with a password)."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    from pypdf import PdfReader  # noqa: PLC0415 - only once the limits stand

    logging.disable()
    warnings.simplefilter("ignore")
    most = int(sys.argv[1])
    try:
        reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
        if reader.is_encrypted and not reader.decrypt(""):
            return 2
        return _say(reader, most)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it can't be read
        return 2


def _say(reader: "PdfReader", most: int) -> int:  # type: ignore[name-defined]  # noqa: F821
    said = 0
    for number in range(min(len(reader.pages), MOST_PAGES)):
        text = reader.pages[number].extract_text()[: most - said] + "\n"
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        said += len(text)
        if said >= most:
            break
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
