package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Test;

class CannyTest {
    private static Image grey(int width, int height, IntBinaryOperator value) {
        Image out = Image.zeros(1, height, width);
        for (int i = 0; i < out.planes().length; i++) {
            out.planes()[i] = (value.applyAsInt(i % width, i / width) & 0xff) / 255f;
        }
        return out;
    }

    private static int waves(int x, int y) {
        return (x * x * 3 + y * y * 5 + x * y * 7) / 16 % 256;
    }

    private static int scene(int x, int y) {
        boolean box = x >= 5 && x < 17 && y >= 4 && y < 20;
        boolean disc = (x - 27) * (x - 27) + (y - 14) * (y - 14) < 80;
        return (disc ? 220 : box ? 150 : 40) + (x * 5 + y * 3) % 7 * 4;
    }

    private static Image referenceImage(String name) {
        Image waves = grey(40, 28, CannyTest::waves);
        Image scene = grey(40, 28, CannyTest::scene);
        if (!name.equals("color")) {
            return name.equals("waves") ? waves : scene;
        }
        Image ramp = grey(40, 28, (x, y) -> x * 6);
        Image out = Image.zeros(3, 28, 40);
        for (int c = 0; c < 3; c++) {
            float[] plane = (c == 0 ? waves : c == 1 ? scene : ramp).planes();
            System.arraycopy(plane, 0, out.planes(), c * plane.length, plane.length);
        }
        return out;
    }

    private static String text(Image edges) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < edges.planes().length; i++) {
            out.append(i % edges.width() == 0 && i > 0 ? " " : "").append(edges.planes()[i] == 1f ? '#' : '.');
        }
        return out.toString();
    }

    @Test
    void equalsOpenCv() {
        int edges = 0;
        for (String[] w : Reference.lines("canny")) {
            Canny canny = new Canny(Double.parseDouble(w[2]), Double.parseDouble(w[3]), Boolean.parseBoolean(w[1]));
            String expected = String.join(" ", Arrays.copyOfRange(w, 4, w.length));
            assertEquals(expected, text(canny.edges(referenceImage(w[0]))), w[0] + " " + canny);
            edges += expected.chars().filter(c -> c == '#').count();
        }
        assertTrue(edges > 1000);
    }

    @Test
    void aStepIsOneThinLine() {
        Image step = grey(20, 16, (x, y) -> x < 9 ? 30 : 200);
        Image edges = Canny.standard().edges(step);
        for (int y = 0; y < 16; y++) {
            int count = 0;
            for (int x = 0; x < 20; x++) {
                count += edges.at(0, y, x) == 1f ? 1 : 0;
            }
            assertEquals(1, count, "row " + y);
            assertEquals(1f, edges.at(0, y, 8));
        }
    }

    @Test
    void discHasAClosedThinOutline() {
        Image disc = grey(64, 64, (x, y) -> (x - 32) * (x - 32) + (y - 30) * (y - 30) < 400 ? 255 : 0);
        Image edges = Canny.standard().edges(disc);
        int count = 0;
        for (int y = 1; y < 63; y++) {
            for (int x = 1; x < 63; x++) {
                if (edges.at(0, y, x) == 0f) {
                    continue;
                }
                count++;
                assertEquals(20, Math.hypot(x - 32, y - 30), 1.5);
                int neighbours = 0;
                for (int k = 0; k < 9; k++) {
                    neighbours += k != 4 && edges.at(0, y - 1 + k / 3, x - 1 + k % 3) == 1f ? 1 : 0;
                }
                assertTrue(neighbours >= 2 && neighbours <= 4, neighbours + " neighbours at " + x + "," + y);
            }
        }
        assertTrue(count >= 2 * 20 * 2.8 && count <= 2 * 20 * 4, "outline of " + count + " pixels");
    }

    @Test
    void brightnessDoesNotMatterContrastDoes() {
        Image image = grey(40, 28, (x, y) -> scene(x, y) / 2);
        Image brighter = grey(40, 28, (x, y) -> scene(x, y) / 2 + 60);
        assertArrayEquals(Canny.standard().edges(image).planes(), Canny.standard().edges(brighter).planes());
        assertArrayEquals(Canny.standard().edges(image).planes(), Canny.standard().edges(image.toRgb()).planes());
        assertArrayEquals(new float[40 * 28], new Canny(2000, 3000, false).edges(image).planes());
        assertArrayEquals(new float[81], Canny.standard().edges(Image.filled(1, 9, 9, 0.7f)).planes());
    }

    @Test
    void weakEdgesLiveOnlyNextToStrongOnes() {
        // gradient across the line falls from 4 * 100 at the top to 4 * 10 at the bottom
        Image fading = grey(16, 91, (x, y) -> x < 8 ? 0 : 100 - y);
        Image low = new Canny(100, 300, false).edges(fading);
        Image alone = new Canny(300, 300, false).edges(fading);
        assertEquals(1f, low.at(0, 60, 8));
        assertEquals(0f, alone.at(0, 60, 8));
        assertEquals(0f, low.at(0, 85, 8));
    }

    @Test
    void tinyPicturesAndBadThresholds() {
        assertEquals(0f, Canny.standard().edges(Image.filled(1, 1, 1, 1f)).at(0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Canny(200, 100, false));
        assertThrows(IllegalArgumentException.class, () -> new Canny(Double.NaN, 100, false));
    }
}
