"""How far colours are apart, without their hue."""


def luminance(colour):
    """The relative luminance of a colour, as WCAG 2 defines it."""
    parts = [int({"white": "#ffffff"}.get(colour, colour)[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """From 1, the same, to 21, black on white; WCAG asks 4.5 of text."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
