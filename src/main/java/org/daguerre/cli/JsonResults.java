package org.daguerre.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.daguerre.Daguerre;
import org.daguerre.Result;

/** Results for programs. */
final class JsonResults {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private JsonResults() {
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** @throws IllegalStateException if the text is not JSON */
    static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("expected JSON, found " + text, e);
        }
    }

    static String of(Daguerre sd, Result result, List<Path> files) {
        ObjectNode root = object();
        for (int i = 0; i < files.size(); i++) {
            Result.Picture p = result.pictures().get(i);
            root.withArray("pictures").addObject().put("file", files.get(i).toString()).put("seed", p.seed())
                .put("width", p.pixels().width()).put("height", p.pixels().height()).put("parameters", p.parameters());
        }
        Result.Timings t = result.timings();
        ObjectNode times = root.putObject("timings_ms").put("text", t.text()).put("encode", t.encode());
        t.steps().forEach(times.withArray("steps")::add);
        times.put("decode", t.decode()).put("total", t.total());
        return root.put("engine", sd.engine()).put("family", sd.family()).toPrettyString();
    }
}
