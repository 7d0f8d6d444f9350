package org.daguerre.adapter.lora;

/** A LoRA with its strengths: 1 is what it was trained for, 0 leaves a network as it is. */
public record LoraUse(Lora lora, double unetWeight, double textWeight) {
}
