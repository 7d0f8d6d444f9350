package org.daguerre.cli;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Where the program starts. */
public final class Main {
    private static final Set<String> OF_ROOT = Set.of("-h", "--help", "-V", "--version");
    private static final Set<String> OF_ALL = Set.of("-q", "--quiet", "--verbose");

    private Main() {
    }

    /** Runs one command line and ends the process with its exit code. */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        }
        Interrupt interrupt = Interrupt.install();
        int code = run(args, Console.system(interrupt));
        interrupt.commandEnded();
        System.exit(code);
    }

    /**
     * Runs one command line within this process.
     *
     * @param out gets results
     * @param err gets everything else
     * @return 0 done, 1 failed, 2 wrong usage
     */
    public static int run(String[] args, PrintStream out, PrintStream err) {
        return run(args, Console.piped(out, err));
    }

    static int run(String[] args, Console console) {
        boolean verbose = Arrays.asList(args).contains("--verbose");
        String name = "daguerre";
        try {
            String[] full = args.length == 0 ? new String[] {"--help"} : withCommand(commandFirst(args));
            boolean root = OF_ROOT.contains(full[0]);
            name = root ? name : name + " " + full[0];
            CommandLine line = root ? Commands.all(console) : Commands.only(full[0], console);
            full = FromPicture.expand(line, full, console.err());
            return execute(line.parseArgs(full), console);
        } catch (Throwable e) {
            return Failures.report(console.err(), name, e, verbose);
        } finally {
            console.out().flush();
        }
    }

    /** {@code daguerre -q grid ...} means {@code daguerre grid -q ...}. */
    private static String[] commandFirst(String[] args) {
        int at = 0;
        while (at < args.length - 1 && OF_ALL.contains(args[at])) {
            at++;
        }
        if (!Commands.names().contains(args[at]) && !OF_ROOT.contains(args[at])) {
            return args;
        }
        String[] sorted = args.clone();
        sorted[0] = args[at];
        System.arraycopy(args, 0, sorted, 1, at);
        return sorted;
    }

    /** {@code daguerre "PROMPT"} means {@code daguerre txt2img "PROMPT"}. */
    private static String[] withCommand(String[] args) {
        List<String> names = Commands.names();
        if (names.contains(args[0]) || OF_ROOT.contains(args[0])) {
            return args;
        }
        String[] full = new String[args.length + 1];
        full[0] = Commands.DEFAULT;
        System.arraycopy(args, 0, full, 1, args.length);
        return full;
    }

    private static int execute(ParseResult parsed, Console console) throws Exception {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        CommandLine line = last.commandSpec().commandLine();
        if (last.isUsageHelpRequested()) {
            line.usage(console.out());
            return Failures.OK;
        }
        if (last.isVersionHelpRequested()) {
            line.printVersionHelp(console.out());
            return Failures.OK;
        }
        return ((Command) line.getCommand()).call();
    }
}
