/**
 * Small files that change a model: {@link org.daguerre.adapter.TextualInversion new words},
 * {@link org.daguerre.adapter.Hypernetwork hypernetworks} and, in {@code lora}, changes of weights. Depends on {@code
 * unet}, {@code nn} and {@code weights}.
 */
package org.daguerre.adapter;
