package org.daguerre.bench;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class MarkdownReportTest {
    private static JsonNode report(String device, String size, double step, boolean ours) throws Exception {
        return new ObjectMapper().readTree("{\"device\": \"" + device + "\", \"arch\": \"sd15\", \"size\": \"" + size
            + "\", \"steps\": 2, \"batch\": 1, \"cfg\": \"on\", " + (ours ? "\"commit\": \"c0ffee\", " : "")
            + "\"peak_rss_bytes\": 2147483648, \"step_ms\": {\"median\": " + step + ", \"min\": " + step / 2 + ", \"max\": " + 3 * step
            + ", \"runs\": 4}}");
    }

    @Test
    void joinsRoundsAndComparesTheSameWork() throws Exception {
        String page = MarkdownReport.of(List.of(report("cpu", "8x8", 100, true), report("peer", "8x8", 300, false),
            report("cpu", "8x8", 140, true), report("peer", "8x8", 420, false), report("peer", "16x16", 7777, false)));
        assertTrue(page.contains("| one step | 120.0 | 50.0 | 420.0 | 8 |"), page);
        assertTrue(page.contains("| one step | 360.0 | 120.0 | 3.00 |"), page);
        assertTrue(page.contains("2.00 GiB") && page.contains("c0ffee"), page);
        assertFalse(page.contains("7777"), page);
    }

    @Test
    void needsAReportOfOurs() throws Exception {
        List<JsonNode> foreign = List.of(report("peer", "8x8", 1, false));
        assertThrows(IllegalArgumentException.class, () -> MarkdownReport.of(foreign));
    }
}
