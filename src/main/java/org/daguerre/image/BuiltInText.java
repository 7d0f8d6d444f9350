package org.daguerre.image;

/**
 * Letters of 5 by 7 dots, enlarged by a whole factor, for machines without fonts. Printable ASCII; any other character
 * is a box.
 */
final class BuiltInText implements TextPainter {
    /** Dots from one line to the next. */
    static final int ROWS = 9;
    private static final int COLUMNS = 6;
    private static final int GLYPH_ROWS = 7;
    private static final int GLYPH_COLUMNS = 5;
    private static final String BOX = "vhhhhhv";

    /** From space to tilde: a glyph is seven rows, a row is five dots as one digit of base 32, the leftmost highest. */
    private static final String[] GLYPHS = (
            "0000000 4444404 aaa0000 aavavaa 4fke5u4 op248j3 cik8lid 4480000 2488842 8422248 04lel40 044v440 0000c48 "
            + "000v000 00000cc 01248g0 ehjlphe 4c4444e eh1248v v2421he 26aiv22 vgu11he 68guhhe v124888 ehhehhe ehhf12c "
            + "0cc0cc0 0cc0c48 248g842 00v0v00 8421248 eh12404 eh1dlle ehhvhhh uhhuhhu ehggghe sihhhis vgguggv vgguggg "
            + "ehgnhhf hhhvhhh e44444e 72222ic hikokih ggggggv hrllhhh hhpljhh ehhhhhe uhhuggg ehhhlid uhhukih fgge11u "
            + "v444444 hhhhhhe hhhhha4 hhhllla hha4ahh hhha444 v1248gv e88888e 0g84210 e22222e 4ah0000 000000v 8420000 "
            + "00e1fhf ggmphhu 00egghe 11djhhf 00ehvge 698s888 0fhhf1e ggmphhh 40c444e 20622ic ggikoki c44444e 00qllhh "
            + "00mphhh 00ehhhe 00uhugg 00djf11 00mpggg 00ege1u 88s8896 00hhhjd 00hhha4 00hhlla 00ha4ah 00hhf1e 00v248v "
            + "2448442 4444444 8442448 008l200").split(" ");

    private final int scale;

    BuiltInText(int scale) {
        this.scale = scale;
    }

    @Override
    public int lineHeight() {
        return ROWS * scale;
    }

    @Override
    public int width(String line) {
        return COLUMNS * scale * line.codePointCount(0, line.length());
    }

    @Override
    public Image paint(String line) {
        Image out = Image.zeros(1, lineHeight(), Math.max(1, width(line)));
        int[] letters = line.codePoints().toArray();
        for (int i = 0; i < letters.length; i++) {
            int at = letters[i] - ' ';
            String glyph = at >= 0 && at < GLYPHS.length ? GLYPHS[at] : BOX;
            for (int y = 0; y < GLYPH_ROWS * scale; y++) {
                int row = Character.digit(glyph.charAt(y / scale), 32);
                for (int x = 0; x < GLYPH_COLUMNS * scale; x++) {
                    if ((row >> GLYPH_COLUMNS - 1 - x / scale & 1) != 0) {
                        out.planes()[out.index(0, y + scale, i * COLUMNS * scale + x)] = 1f;
                    }
                }
            }
        }
        return out;
    }
}
