package org.daguerre.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.daguerre.image.Image;
import org.daguerre.image.ImageFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ChartsTest {
    @TempDir
    Path folder;

    private static JsonNode report(double step, String arch) {
        return new BenchReport(Map.of("arch", arch, "size", "64x64", "steps", "4", "batch", "1", "cfg", "on", "device",
            "<test>"),
            Map.of("step_ms", Stats.of(step), "total_ms", Stats.of(10 * step)),
            Map.of("peak_tflops", 1.5, "peak_rss_bytes", 1024.0),
            List.of(), List.of()).toJson();
    }

    @Test
    void ratiosAreThoseOfMedians() {
        List<Ratios> rows = Ratios.of(report(30, "a"), report(20, "a"));
        assertEquals(List.of(new Ratios("step_ms", 30, 20), new Ratios("total_ms", 300, 200)), rows);
        assertEquals(1.5, rows.get(0).speedup());
        assertThrows(IllegalArgumentException.class, () -> Ratios.of(report(30, "b"), report(20, "a")));
    }

    @Test
    void reportsAreJson() {
        JsonNode r = report(30, "a");
        assertEquals(4, r.get("steps").intValue());
        assertEquals(1024, r.get("peak_rss_bytes").longValue());
        assertEquals(30, r.at("/step_ms/median").doubleValue());
        assertEquals(1, r.at("/step_ms/runs").intValue());
    }

    @Test
    void barsAreAsLongAsTheirValues() throws Exception {
        Path svg = folder.resolve("chart.svg");
        Charts.write(report(20, "a"), Optional.of(report(30, "a")), svg);
        Document xml = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
        double[] widths = new double[4];
        int bars = 0;
        for (int i = 0; i < xml.getElementsByTagName("rect").getLength(); i++) {
            Element e = (Element) xml.getElementsByTagName("rect").item(i);
            if (e.getAttribute("x").equals("400.0")) {
                widths[bars++] = Double.parseDouble(e.getAttribute("width"));
            }
        }
        assertEquals(4, bars);
        assertEquals(1.5, widths[0] / widths[1], 0.02);
        assertEquals(10, widths[2] / widths[0], 0.05);
        assertTrue(Files.readString(svg).contains("&lt;test&gt;"));
    }

    @Test
    void picturesShowTheSame() throws Exception {
        Path png = folder.resolve("chart.png");
        Charts.write(report(20, "a"), Optional.empty(), png);
        Image image = ImageFiles.read(png);
        assertEquals(960, image.width());
        assertTrue(image.at(0, 96, 500) < 0.5, "the bar of total_ms reaches the middle");
        assertThrows(IllegalArgumentException.class, () -> Charts.write(report(1, "a"), Optional.empty(),
            folder.resolve("x.gif")));
    }
}
