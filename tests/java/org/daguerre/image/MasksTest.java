package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MasksTest {
    private static Image rectangle(int width, int height, Region r) {
        Image mask = Image.zeros(1, height, width);
        for (int y = r.y(); y < r.bottom(); y++) {
            for (int x = r.x(); x < r.right(); x++) {
                mask.planes()[mask.index(0, y, x)] = 1f;
            }
        }
        return mask;
    }

    @Test
    void binarisesAtOneHalf() {
        Image mask = Image.of(1, 1, 4, new float[] {0f, 0.4999f, 0.5f, 1f});
        assertArrayEquals(new float[] {0, 0, 1, 1}, Masks.binarise(mask).planes());
        assertEquals(0.4999f, mask.planes()[1]);
        assertArrayEquals(new float[] {1, 1, 0, 0}, Masks.invert(Masks.binarise(mask)).planes());
    }

    @Test
    void latentMaskTakesTheFirstPixelOfEachBlock() {
        Image mask = Image.zeros(1, 16, 24);
        mask.planes()[mask.index(0, 8, 16)] = 0.7f;
        mask.planes()[mask.index(0, 7, 7)] = 1f;
        assertArrayEquals(new float[] {0, 0, 0, 0, 0, 1}, Masks.toLatent(mask, 3, 2).planes());
    }

    @Test
    void boundsHoldTheMask() {
        assertEquals(Optional.empty(), Masks.bounds(Image.zeros(1, 4, 4)));
        Region r = new Region(3, 5, 7, 2);
        assertEquals(Optional.of(r), Masks.bounds(rectangle(20, 10, r)));
        assertEquals(new Region(0, 1, 14, 9), r.padded(4, 20, 10));
    }

    @Test
    void onlyMaskedHasTheTargetShape() {
        Image mask = rectangle(400, 300, new Region(100, 100, 60, 20));
        // padded to 80 x 40 at (90, 90), then 80 x 80 around the same centre
        assertEquals(Optional.of(new Region(90, 70, 80, 80)), Masks.onlyMasked(mask, 10, 512, 512));
        assertEquals(Optional.of(new Region(90, 50, 80, 120)), Masks.onlyMasked(mask, 10, 512, 768));
        assertEquals(Optional.of(new Region(70, 90, 120, 40)), Masks.onlyMasked(mask, 10, 768, 256));
        assertEquals(Optional.empty(), Masks.onlyMasked(Image.zeros(1, 9, 9), 4, 512, 512));
    }

    @Test
    void onlyMaskedStaysInside() {
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            int w = 20 + random.nextInt(200);
            int h = 20 + random.nextInt(200);
            int x = random.nextInt(w);
            int y = random.nextInt(h);
            Region r = new Region(x, y, 1 + random.nextInt(w - x), 1 + random.nextInt(h - y));
            int tw = 8 * (1 + random.nextInt(20));
            int th = 8 * (1 + random.nextInt(20));
            Region out = r.padded(random.nextInt(30), w, h).toAspect(tw, th, w, h);
            assertTrue(new Region(0, 0, w, h).contains(out) && out.contains(r), r + " to " + out);
            boolean clipped = out.width() == w || out.height() == h;
            double error = Math.abs((double) out.width() * th - (double) out.height() * tw) / Math.max(tw, th);
            assertTrue(clipped || error <= 1, r + " to " + out + " for " + tw + "x" + th);
        }
    }

    @Test
    void pasteBackLeavesTheRestAlone() {
        Image original = Reference.colors();
        Region region = new Region(4, 2, 6, 5);
        Image mask = rectangle(13, 9, new Region(5, 3, 3, 2));
        mask.planes()[mask.index(0, 6, 9)] = 0.25f;
        mask.planes()[mask.index(0, 0, 0)] = 1f; // outside the region: not touched
        Image patch = Image.filled(3, 50, 60, 0.625f);
        Image out = Masks.pasteBack(original, patch, mask, region);
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < 13 * 9; i++) {
                int x = i % 13;
                int y = i / 13;
                boolean replaced = x >= 5 && x < 8 && y >= 3 && y < 5;
                float base = original.at(c, y, x);
                float expected = replaced ? 0.625f : x == 9 && y == 6 ? base + (0.625f - base) * 0.25f : base;
                assertEquals(expected, out.at(c, y, x), replaced || x == 9 ? 1e-6f : 0f);
            }
        }
    }

    @Test
    void compositeTakesEachSideExactly() {
        Image other = Images.copy(Reference.colors());
        for (int i = 0; i < other.planes().length; i++) {
            other.planes()[i] = 1f - other.planes()[i];
        }
        Image mask = rectangle(13, 9, new Region(0, 0, 6, 9));
        Image out = Masks.composite(Reference.colors(), other, mask);
        assertEquals(other.at(2, 4, 5), out.at(2, 4, 5));
        assertEquals(Reference.colors().at(2, 4, 6), out.at(2, 4, 6));
        assertThrows(IllegalArgumentException.class,
                () -> Masks.composite(Reference.colors(), other, Image.zeros(1, 9, 12)));
        assertThrows(IllegalArgumentException.class, () -> Masks.binarise(other));
    }

    @Test
    void blursKeepTheSumAndSpreadEvenly() {
        Image point = rectangle(41, 41, new Region(20, 20, 1, 1));
        for (Image blurred : new Image[] {Blur.gaussian(point, 3), Blur.box(point, 4)}) {
            double sum = 0;
            for (float v : blurred.planes()) {
                sum += v;
            }
            assertEquals(1, sum, 1e-5);
            assertEquals(blurred.at(0, 17, 20), blurred.at(0, 20, 23));
            assertTrue(blurred.at(0, 20, 20) >= blurred.at(0, 20, 23) && blurred.at(0, 20, 23) > 0);
        }
        assertEquals(1 / 81f, Blur.box(point, 4).at(0, 24, 16), 1e-7);
        assertSame(point, Blur.gaussian(point, 0));
        assertThrows(IllegalArgumentException.class, () -> Blur.gaussian(point, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Blur.box(point, -1));
    }
}
