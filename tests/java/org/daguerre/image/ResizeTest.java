package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ResizeTest {
    /** The references have six digits, some values are above 1. */
    private static final double LIMIT = 6e-6;

    @Test
    void equalsPillow() {
        for (String[] w : Reference.lines("resize")) {
            Image out = Resize.resample(Reference.pattern(0), Integer.parseInt(w[1]), Integer.parseInt(w[2]),
                    ResampleFilter.valueOf(w[0]));
            Reference.assertClose(w[0] + " " + w[1] + "x" + w[2], Reference.floats(w, 3), out.planes(), LIMIT);
        }
    }

    @Test
    void equalsPyTorch() {
        for (String[] w : Reference.lines("interpolate")) {
            Image in = Reference.pattern(0);
            int width = Integer.parseInt(w[2]);
            int height = Integer.parseInt(w[3]);
            boolean align = Boolean.parseBoolean(w[1]);
            Image out = switch (w[0]) {
                case "nearest" -> Interpolate.nearest(in, width, height);
                case "bilinear" -> Interpolate.bilinear(in, width, height, align);
                default -> Interpolate.bicubic(in, width, height, align);
            };
            String what = w[0] + align + " " + width + "x" + height;
            Reference.assertClose(what, Reference.floats(w, 4), out.planes(), LIMIT);
        }
    }

    @Test
    void blurEqualsOpenCv() {
        for (String[] w : Reference.lines("blur")) {
            Image out = Blur.gaussian(Reference.pattern(0), Double.parseDouble(w[0]));
            Reference.assertClose("sigma " + w[0], Reference.floats(w, 1), out.planes(), LIMIT);
        }
    }

    @Test
    void constantStaysConstantAndChannelsStayApart() {
        for (ResampleFilter filter : ResampleFilter.values()) {
            Image flat = Resize.resample(Image.filled(2, 10, 7, 0.3f), 23, 4, filter);
            Reference.assertClose(filter.name(), Image.filled(2, 4, 23, 0.3f).planes(), flat.planes(), 1e-6);
            Image colors = Resize.resample(Reference.colors(), 6, 6, filter);
            Image blue = Resize.resample(Reference.pattern(2), 6, 6, filter);
            assertArrayEquals(blue.planes(), Arrays.copyOfRange(colors.planes(), 2 * 36, 3 * 36));
        }
    }

    @Test
    void cropKeepsTheCentre() {
        Image wide = Image.zeros(1, 4, 12);
        for (int i = 0; i < wide.planes().length; i++) {
            wide.planes()[i] = i % 12 / 11f;
        }
        Image out = Resize.fit(wide, 4, 4, Fit.CROP, ResampleFilter.LANCZOS);
        assertArrayEquals(wide.crop(new Region(4, 0, 4, 4)).planes(), out.planes());
    }

    @Test
    void letterboxAndExtendKeepThePictureWhole() {
        Image white = Image.filled(3, 4, 8, 1f);
        Image boxed = Resize.fit(white, 8, 8, Fit.LETTERBOX, ResampleFilter.BICUBIC);
        for (int y = 0; y < 8; y++) {
            assertEquals(y >= 2 && y < 6 ? 1f : 0f, boxed.at(1, y, 5), 1e-6f, "row " + y);
        }
        Image extended = Resize.fit(white, 8, 8, Fit.EXTEND, ResampleFilter.BICUBIC);
        Reference.assertClose("extend", Image.filled(3, 8, 8, 1f).planes(), extended.planes(), 1e-6);
    }

    @Test
    void fitAlwaysGivesTheSizeAndTheRange() {
        for (Fit fit : Fit.values()) {
            for (int[] size : new int[][] {{1, 1}, {64, 8}, {8, 64}, {13, 9}, {512, 3}}) {
                Image out = Resize.fit(Reference.colors(), size[0], size[1], fit, ResampleFilter.LANCZOS);
                assertEquals(size[0], out.width());
                assertEquals(size[1], out.height());
                for (float v : out.planes()) {
                    assertEquals(v, Math.max(0f, Math.min(1f, v)));
                }
            }
        }
        assertThrows(IllegalArgumentException.class,
                () -> Resize.resample(Reference.colors(), 0, 5, ResampleFilter.BOX));
    }
}
