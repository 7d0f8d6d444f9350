package org.daguerre.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GridTest {
    private static final TextPainter BUILT_IN = new BuiltInText(1);

    @Test
    void picturesLieInRows() {
        Image red = Image.zeros(3, 10, 8);
        Arrays.fill(red.planes(), 0, 80, 1f);
        Image black = Image.zeros(1, 6, 8);
        Image sheet = Grid.sheet(List.of(red, black, red), 2);
        assertEquals(8 + 4 + 8, sheet.width());
        assertEquals(10 + 4 + 10, sheet.height());
        assertArrayEquals(red.planes(), sheet.crop(new Region(0, 0, 8, 10)).planes());
        assertArrayEquals(red.planes(), sheet.crop(new Region(0, 14, 8, 10)).planes());
        assertArrayEquals(black.toRgb().planes(), sheet.crop(new Region(12, 2, 8, 6)).planes());
        assertEquals(1f, sheet.at(1, 1, 12));
        assertEquals(1f, sheet.at(2, 12, 4));
        assertEquals(1f, sheet.at(2, 20, 16));
    }

    @Test
    void labelsAreInkOutsideThePictures() {
        Image white = Image.filled(3, 40, 60, 1f);
        List<Image> images = List.of(white, white, white, white);
        Image sheet = Grid.labelled(images, 2, List.of("Euler", ""), List.of("Steps: 10", "20"), BUILT_IN);
        int left = sheet.width() - (60 + 4 + 60);
        int top = sheet.height() - (40 + 4 + 40);
        assertTrue(left > 0 && top > 0);
        assertTrue(ink(sheet.crop(new Region(left, 0, 60, top))) > 20);
        assertEquals(0, ink(sheet.crop(new Region(left + 64, 0, 60, top))));
        assertTrue(ink(sheet.crop(new Region(0, top, left, 40))) > 20);
        assertTrue(ink(sheet.crop(new Region(0, top + 44, left, 40))) > 10);
        assertEquals(0, ink(sheet.crop(new Region(left, top, 124, 84))));
    }

    @Test
    void longLabelsAreWrappedIntoTheCell() {
        Image white = Image.filled(3, 20, 60, 1f);
        Image sheet = Grid.labelled(List.of(white), 1, List.of("averylongwordthatdoesnotfit and some more words"),
                List.of(), BUILT_IN);
        assertEquals(60, sheet.width());
        for (String line : BUILT_IN.wrap("averylongwordthatdoesnotfit and \uD83D\uDC08\uD83D\uDC08 words\nend", 60)) {
            assertTrue(!line.isEmpty() && BUILT_IN.width(line) <= 60, line);
        }
        assertEquals(List.of("a b", "c"), BUILT_IN.wrap(" a  b c", 3 * 6));
        assertEquals(List.of("x", "y"), BUILT_IN.wrap("xy", 1));
        assertEquals(List.of(), BUILT_IN.wrap(" ", 60));
    }

    @Test
    void everyBuiltInLetterIsDifferent() {
        Set<String> seen = new HashSet<>();
        for (char c = ' '; c <= '~'; c++) {
            Image letter = BUILT_IN.paint(String.valueOf(c));
            assertTrue(seen.add(Arrays.toString(letter.planes())), "letter " + c);
            assertEquals(c == ' ', ink(letter) == letter.planes().length, "letter " + c);
        }
        assertTrue(seen.add(Arrays.toString(BUILT_IN.paint("é").planes())), "the box");
        assertEquals(95 + 1, seen.size());
    }

    @Test
    void builtInLettersScale() {
        Image small = BUILT_IN.paint("Qg");
        Image large = new BuiltInText(3).paint("Qg");
        assertEquals(3 * small.width(), large.width());
        int dots = small.planes().length - ink(small);
        assertEquals(9 * dots, large.planes().length - ink(large));
    }

    @Test
    void thereIsAlwaysAPainter() {
        TextPainter painter = TextPainter.ofHeight(20);
        assertTrue(painter.width("wide text") > painter.width("text"));
        assertNotEquals(painter.paint("text").planes().length, ink(painter.paint("text")));
        Image sheet = Grid.labelled(List.of(Reference.colors()), 1, List.of("x"), List.of());
        assertTrue(sheet.height() > Reference.HEIGHT);
    }

    @Test
    void refusesLabelsThatDoNotMatch() {
        List<Image> three = List.of(Reference.colors(), Reference.colors(), Reference.colors());
        assertThrows(IllegalArgumentException.class, () -> Grid.sheet(three, 0));
        assertThrows(IllegalArgumentException.class, () -> Grid.sheet(List.of(), 2));
        assertThrows(IllegalArgumentException.class, () -> Grid.labelled(three, 2, List.of("a"), List.of()));
        assertThrows(IllegalArgumentException.class, () -> Grid.labelled(three, 2, List.of(), List.of("a")));
        assertEquals(3, Grid.squareColumns(7));
    }

    /** Number of pixels of the first channel that are not white. */
    private static int ink(Image image) {
        int count = 0;
        for (int i = 0; i < image.width() * image.height(); i++) {
            count += image.planes()[i] < 0.5f ? 1 : 0;
        }
        return count;
    }
}
