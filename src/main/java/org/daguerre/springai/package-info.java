/**
 * Daguerre behind Spring AI's {@link org.springframework.ai.image.ImageModel}. Needs {@code org.springframework.ai:spring-ai-model} 2.0
 * or newer, which the application brings; nothing else in Daguerre depends on this package.
 */
package org.daguerre.springai;
