/**
 * Daguerre behind LangChain4j's {@link dev.langchain4j.model.image.ImageModel}. Needs {@code dev.langchain4j:langchain4j-core}, which
 * the application brings; nothing else in Daguerre depends on this package.
 */
package org.daguerre.langchain4j;
