package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TileGridTest {
    private static final int[][] PLANS = {{64, 64, 64, 16}, {65, 64, 64, 16}, {100, 37, 32, 8}, {131, 90, 32, 24},
        {128, 128, 48, 0}, {7, 300, 10, 9}, {1, 1, 5, 2}, {97, 61, 16, 15}};

    @Test
    void weightsSumToExactlyOne() {
        for (int[] p : PLANS) {
            for (int factor : new int[] {1, 8}) {
                TileGrid grid = TileGrid.of(p[0], p[1], p[2], p[3]).scaled(factor);
                float[] sums = new float[grid.width() * grid.height()];
                for (int k = 0; k < grid.count(); k++) {
                    Region r = grid.tile(k);
                    float[] w = grid.weights(k);
                    for (int i = 0; i < w.length; i++) {
                        assertTrue(w[i] >= 0f);
                        sums[(r.y() + i / r.width()) * grid.width() + r.x() + i % r.width()] += w[i];
                    }
                }
                for (float sum : sums) {
                    assertEquals(1f, sum);
                }
            }
        }
    }

    @Test
    void tilesHaveOneSizeStayInsideAndOverlapEnough() {
        for (int[] p : PLANS) {
            TileGrid grid = TileGrid.of(p[0], p[1], p[2], p[3]);
            Region all = new Region(0, 0, p[0], p[1]);
            for (int k = 0; k < grid.count(); k++) {
                Region r = grid.tile(k);
                assertEquals(Math.min(p[0], p[2]), r.width());
                assertEquals(Math.min(p[1], p[2]), r.height());
                assertTrue(all.contains(r));
                if (k > 0 && grid.tile(k - 1).y() == r.y()) {
                    assertTrue(grid.tile(k - 1).right() - r.x() >= p[3], "overlap of tile " + k);
                }
            }
        }
    }

    @Test
    void piecesOfAPictureGiveThePicture() {
        Image image = Resize.resample(Reference.colors(), 90, 70, ResampleFilter.BICUBIC);
        TileGrid grid = TileGrid.of(90, 70, 32, 12);
        TileBlend blend = new TileBlend(grid, 3);
        for (int k = grid.count() - 1; k >= 0; k--) {
            blend.add(k, image.crop(grid.tile(k)));
        }
        Reference.assertClose("blend", image.planes(), blend.result().planes(), 1e-6);
    }

    @Test
    void seamsDoNotShow() {
        // each tile has its own brightness, as tiles of a decoder with group norm do: steps inside stay small
        TileGrid grid = TileGrid.of(200, 200, 64, 32);
        TileBlend blend = new TileBlend(grid, 1);
        for (int k = 0; k < grid.count(); k++) {
            blend.add(k, Image.filled(1, 64, 64, k % 2));
        }
        Image out = blend.result();
        double largest = 0;
        for (int y = 1; y < 200; y++) {
            for (int x = 1; x < 200; x++) {
                largest = Math.max(largest, Math.abs(out.at(0, y, x) - out.at(0, y, x - 1)));
                largest = Math.max(largest, Math.abs(out.at(0, y, x) - out.at(0, y - 1, x)));
            }
        }
        assertTrue(largest > 0 && largest <= 2.0 / 32, "largest step " + largest);
    }

    @Test
    void scaledTilesLieOverTheirOriginals() {
        TileGrid grid = TileGrid.of(100, 80, 32, 8);
        TileGrid finer = grid.scaled(8);
        assertEquals(grid.count(), finer.count());
        assertEquals(800, finer.width());
        for (int k = 0; k < grid.count(); k++) {
            Region r = grid.tile(k);
            assertEquals(new Region(8 * r.x(), 8 * r.y(), 8 * r.width(), 8 * r.height()), finer.tile(k));
        }
    }

    @Test
    void refusesWrongPlansAndTiles() {
        assertThrows(IllegalArgumentException.class, () -> TileGrid.of(10, 10, 4, 4));
        assertThrows(IllegalArgumentException.class, () -> TileGrid.of(0, 10, 4, 1));
        TileGrid grid = TileGrid.of(10, 10, 8, 2);
        TileBlend blend = new TileBlend(grid, 1);
        assertThrows(IllegalStateException.class, blend::result);
        assertThrows(IllegalArgumentException.class, () -> blend.add(0, Image.zeros(1, 8, 7)));
        blend.add(0, Image.zeros(1, 8, 8));
        assertThrows(IllegalArgumentException.class, () -> blend.add(0, Image.zeros(1, 8, 8)));
        assertThrows(IllegalArgumentException.class, () -> grid.tile(grid.count()));
    }
}
