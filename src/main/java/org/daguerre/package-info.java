/**
 * The public interface: {@link org.daguerre.Daguerre} opens a model, a {@link org.daguerre.Request} says what picture is
 * wanted, a {@link org.daguerre.Result} has it. What happens between is in {@code generate}; programs that use Daguerre need
 * nothing below this package but {@code image} and {@code tensor}'s element types.
 */
package org.daguerre;
