/**
 * The command line: picocli commands over the API of {@link org.daguerre}. {@link org.daguerre.cli.Main} is where to
 * start; a command is a class named after it, its options are mixins ({@link org.daguerre.cli.RequestOptions} holds
 * those of a request), and every failure ends in {@link org.daguerre.cli.Failures}, which knows the exit codes: 0 done,
 * 1 failed, 2 wrong usage, 130 interrupted. Results go to standard output, everything else to standard error. Nothing
 * depends on this package.
 */
package org.daguerre.cli;
