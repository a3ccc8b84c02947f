namespace Orchestrator.Decisions.Runners;

/// <summary>Judges a command line: each command is one of the lane's or only reads, and no word leads where the lane does not.</summary>
internal static class CommandGuard
{
    private const string Null = "/dev/null";

    // Commands that read and say. What they can do beyond is in ReadingOptions.
    private static readonly HashSet<string> Readers =
    [
        .. (
            "basename cat cd cmp comm cut date df diff dirname du echo egrep expr false fgrep file find fold grep head "
            + "hexdump id jq ls md5sum nl od paste printf pwd readlink realpath rev rg seq sha1sum sha256sum sort stat "
            + "strings tail test tr tree true type uname wc which whoami ["
        ).Split(' '),
    ];

    private static readonly string[] GitReaders =
    [
        "status",
        "diff",
        "log",
        "show",
        "ls-files",
        "ls-tree",
        "blame",
        "rev-parse",
        "cat-file",
        "shortlog",
        "describe",
        "grep",
    ];

    // Before the verb they name another configuration, another folder, or a program to run; behind it a file to write.
    private static readonly string[] GitBefore =
    [
        "-c",
        "-C",
        "--config",
        "--exec-path",
        "--git-dir",
        "--work-tree",
    ];
    private static readonly string[] GitBehind =
    [
        "--upload-pack",
        "--receive-pack",
        "--output",
        "--ext-diff",
        "--open-files-in-pager",
        "-O",
    ];

    /// <summary>The line's verdict: a denial is stronger than a question, and a question than what the lane allows.</summary>
    public static ToolVerdict Judge(GuardOrder order, GuardedPlaces places, string text)
    {
        if (ShellLine.Read(text, out var problem) is not { } commands)
        {
            return ToolVerdict.Deny(
                $"The command {problem}, so that what it does cannot be told before."
            );
        }
        var folder = places.Folder;
        foreach (var command in commands)
        {
            var denial = Of(order, places, command);
            if (denial.Length > 0)
            {
                return ToolVerdict.Deny(denial);
            }
            if (command.Words is ["cd", ..] && ReadingOptions.FolderOf(command.Words) is { } where)
            {
                places.Enter(where);
            }
        }
        return commands.Any(c =>
            order.Asks.Any(a => AskPattern.Catches(c.Words, a, behind: !Reads(c.Words)))
        )
            ? Asked(order, folder, text)
            : ToolVerdict.None;
    }

    private static ToolVerdict Asked(GuardOrder order, string? folder, string text)
    {
        if (folder is null)
        {
            return ToolVerdict.Deny(
                "A command that a person must allow is only run in the worktree."
            );
        }
        if (
            CommandText.Shown(text).Length > CommandText.ShownMax
            || CommandText.Shown(folder).Length > CommandText.FolderShownMax
        )
        {
            return ToolVerdict.Deny(
                $"A person must allow this command, and nobody can judge one of more than {CommandText.ShownMax} characters. Make it shorter."
            );
        }
        return order.Granted.Contains(CommandText.Hash(folder, text), StringComparer.Ordinal)
            ? ToolVerdict.Grant
            : ToolVerdict.Ask(new AskedCall(text, folder));
    }

    private static string Of(GuardOrder order, GuardedPlaces places, ShellCommand command)
    {
        foreach (var target in command.Targets.Where(t => t.Path != Null))
        {
            var denial = target.Writes ? places.Writing(target.Path) : places.Reading(target.Path);
            if (denial.Length > 0)
            {
                return denial;
            }
        }
        if (command.Words.Length == 0)
        {
            return "";
        }
        var program = command.Words[0];
        var reads = Reads(command.Words);
        if (!reads && !order.Commands.Concat(order.Asks).Any(c => Begins(command.Words, c)))
        {
            return $"'{Shown(program)}' is no command of lane {order.Lane}.";
        }
        if (
            Path.GetFileNameWithoutExtension(program) == "git"
            && Git(command.Words) is { Length: > 0 } git
        )
        {
            return git;
        }
        var patterns = reads ? ReadingOptions.Patterns(command.Words) : [];
        for (var i = 1; i < command.Words.Length; i++)
        {
            var denial = patterns.Contains(i) ? "" : Word(places, program, command.Words[i], reads);
            if (denial.Length > 0)
            {
                return denial;
            }
        }
        // Home, and where it was before, are not in the worktree, and what follows may name no file.
        return program == "cd" && ReadingOptions.FolderOf(command.Words) is null
            ? "'cd' needs one folder of the worktree."
            : "";
    }

    private static string Word(GuardedPlaces places, string program, string word, bool reads)
    {
        // "--file=x" and "if=x" name x.
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var path =
            equals >= 0 ? word[(equals + 1)..]
            : word.StartsWith('-') ? ""
            : word;
        var denial = Named(places, path, reads);
        if (denial.Length > 0 || !reads)
        {
            return denial;
        }
        // "-f/etc/x" names a file too, behind whichever letter of it; and a file may have a '=' in its name.
        return word.StartsWith('-')
            ? ReadingOptions
                .Glued(program, word)
                .Select(end => Named(places, end, reads))
                .FirstOrDefault(d => d.Length > 0, "")
            : Named(places, word, reads);
    }

    private static string Named(GuardedPlaces places, string path, bool reads)
    {
        if (path.Length == 0 || path == Null)
        {
            return "";
        }
        if (GuardedPlaces.Leaves(path))
        {
            return places.Reading(GuardedPlaces.BeforeWildcards(path));
        }
        var denial = places.Reading(path);
        return denial.Length > 0 || reads ? denial : places.Naming(path);
    }

    private static bool Reads(string[] words) =>
        words switch
        {
            ["git", var verb, ..] => GitReaders.Contains(verb),
            // A script that only prints lines by their numbers: others can write files.
            ["sed", "-n", var script, ..] => script.All(c =>
                char.IsAsciiDigit(c) || ",;$pq ".Contains(c)
            ) && !words.Skip(3).Any(w => w.StartsWith('-')),
            ["sed", ..] => false,
            // Its second file is written.
            ["uniq", .. var rest] => rest.Count(w => !w.StartsWith('-')) <= 1,
            [var program, .. var rest] => Readers.Contains(program)
                && !ReadingOptions.GoBeyond(program, rest),
            _ => false,
        };

    private static bool Begins(string[] words, string command)
    {
        var wanted = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return wanted.Length > 0
            && wanted.Length <= words.Length
            && wanted.Select((w, i) => w == words[i]).All(same => same);
    }

    private static string Git(string[] words)
    {
        var verb = Array.FindIndex(words, 1, w => !w.StartsWith('-'));
        var before = verb < 0 ? words.Length : verb;
        var at = Array.FindIndex(
            words,
            1,
            w =>
                GitBehind.Any(n => Is(w, n))
                || (Array.IndexOf(words, w) < before && GitBefore.Any(n => Is(w, n)))
        );
        if (at < 0 && verb > 0)
        {
            // "git grep -nOx" runs x.
            at = Array.FindIndex(words, verb, w => ReadingOptions.Has(w, 'O', "SG"));
        }
        var option = at < 0 ? null : words[at];
        return option is not null ? $"git is not run with {Shown(option)} by an agent."
            : verb > 0 && words[verb] == "config" ? "git's configuration is never the agent's."
            : "";
    }

    private static bool Is(string word, string option) =>
        option.StartsWith("--", StringComparison.Ordinal)
            ? ReadingOptions.Names(word, option)
            : word.StartsWith(option, StringComparison.Ordinal);

    private static string Shown(string word) => Policy.RepositoryPath.Of(word).Shown;
}
