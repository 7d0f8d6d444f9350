/**
 * From a prompt to what the text encoder reads.
 *
 * <p>In order: {@link org.daguerre.text.ExtraNetworks} takes out the LoRA tags,
 * {@link org.daguerre.text.CompositePrompt} splits at AND, {@link org.daguerre.text.PromptSchedule} gives the prompt of
 * each step, {@link org.daguerre.text.PromptParser} its weights, {@link org.daguerre.text.PromptChunks} the token ids
 * with {@link org.daguerre.text.ClipTokenizer}; behind the encoder, {@link org.daguerre.text.Emphasis} applies weights.
 * Nothing but the encoder depends on tensors or models.
 */
package org.daguerre.text;
