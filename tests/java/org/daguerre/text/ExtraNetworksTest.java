package org.daguerre.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.List;
import org.daguerre.text.ExtraNetworks.Kind;
import org.daguerre.text.ExtraNetworks.Network;
import org.junit.jupiter.api.Test;

class ExtraNetworksTest {
    private static void check(String tag, Network expected) {
        assertEquals(new ExtraNetworks("a , b", List.of(expected)), ExtraNetworks.parse("a " + tag + ", b"));
    }

    @Test
    void namesAndWeights() {
        check("<lora:my style_v1.2:0.7>", new Network(Kind.LORA, "my style_v1.2", 0.7, 0.7));
        check("<lora:x>", new Network(Kind.LORA, "x", 1, 1));
        check("<lora:x:-1:.5>", new Network(Kind.LORA, "x", -1, 0.5));
        check("<lora:x:0.5:unet=0.2>", new Network(Kind.LORA, "x", 0.5, 0.2));
        check("<lora:x:te=0:1>", new Network(Kind.LORA, "x", 0, 1));
        check("<lyco:x: 2 >", new Network(Kind.LORA, "x", 2, 2));
        check("<hypernet:h:0.6>", new Network(Kind.HYPERNETWORK, "h", 0.6, 0.6));
    }

    @Test
    void severalInOrderOfThePrompt() {
        ExtraNetworks parsed = ExtraNetworks.parse("<lora:b:1>(x:1.2)<hypernet:h:1><lora:a:2>");
        assertEquals("(x:1.2)", parsed.prompt());
        assertEquals(List.of("b", "h", "a"), parsed.networks().stream().map(Network::name).toList());
    }

    @Test
    void otherTextStays() {
        for (String text : List.of("", "<my-style>", "a < b > c", "<lora>", "<lora:>", "<lora:a",
            "<other:a:1>", "<:>")) {
            assertEquals(new ExtraNetworks(text, List.of()), ExtraNetworks.parse(text));
        }
    }

    @Test
    void badWeightsAreNamed() {
        for (String tag : List.of("<lora:a:>", "<lora:a:x>", "<lora:a:NaN>", "<lora:a:1:2:3>", "<lora:a:unet=>",
            "<lora:a:" + "9".repeat(60) + ">")) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> ExtraNetworks.parse(tag), tag);
            assertEquals(true, e.getMessage().contains("<lora:a:"), e.getMessage());
        }
    }

    @Test
    void hostileTextTakesLinearTime() {
        int n = 100_000;
        for (String text : List.of("<".repeat(n), "<lora:".repeat(n), "<lora:a" + ":".repeat(n),
            "<lora:a:1".repeat(n))) {
            assertTimeout(Duration.ofSeconds(10), () -> ExtraNetworks.parse(text));
        }
    }
}
