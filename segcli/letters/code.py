"""The squares of a quick response code at error correction M."""


def squares(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the rows of squares, true for black, without the blank around them."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    return tuple(tuple(bool(square) for square in row) for row in code.modules)
