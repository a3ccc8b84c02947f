using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Runners;

/// <summary>
/// A lane's rights in the words of the Claude Code CLI 2.1.330: the tools that are offered, rules that allow and rules
/// that deny. In mode <c>dontAsk</c> what no rule allows is denied.
/// </summary>
public static class AgentRights
{
    // Never the agent's to write, whatever the lane. The files that are never committed are left out of the diff anyway.
    internal static readonly string[] Protected = ["**/.git", "**/.git/**", "**/.env", "**/.npmrc"];
    private static readonly string[] Reading = ["Read", "Glob", "Grep"];
    private static readonly string[] Writing = ["Edit", "Write", "NotebookEdit"];

    /// <summary>The arguments <c>--tools</c>, <c>--allowedTools</c> and <c>--disallowedTools</c>.</summary>
    /// <param name="kind">The kind of work.</param>
    /// <param name="readOnly">True: no tool that writes is offered.</param>
    /// <param name="lane">The lane, or null.</param>
    /// <param name="root">The worktree as rules name it: <c>//srv/wt</c>, <c>//C:/wt</c>.</param>
    /// <param name="commands">The host's allowed commands, where the lane names none of its own.</param>
    /// <param name="attached">A folder of files that users sent along, as rules name it; empty = none.</param>
    /// <param name="guarded">False: no guard judges the calls, so that what a person must allow is denied by rules.</param>
    public static IReadOnlyList<string> Of(
        TaskKind kind,
        bool readOnly,
        LaneRights? lane,
        string root,
        IReadOnlyList<string> commands,
        string attached = "",
        bool guarded = true
    )
    {
        ArgumentNullException.ThrowIfNull(commands);
        var tools = Tools(kind, readOnly, lane);
        var writes = MayWrite(readOnly, lane);
        var runs = writes && tools.Contains("Bash");
        // One slash, then the absolute path. Never a bare Read (it opens the silo's own files), Write or Edit; Read rules
        // govern Glob, Grep and reading commands too, Edit rules govern Write. Commands that only read the worktree
        // (git status, git diff, ls, cat, grep) need no rule, and a rule by prefix would let 'git diff --output=' through.
        List<string> arguments = ["--tools", string.Join(',', tools), "--allowedTools"];
        arguments.Add($"Read({root}/**)");
        if (!string.IsNullOrEmpty(attached))
        {
            arguments.Add($"Read({attached}/**)");
        }
        var (allowed, denied) = writes ? Edits(lane) : ([], []);
        arguments.AddRange(allowed.Select(p => $"Edit({root}/{p})"));
        if (runs)
        {
            arguments.AddRange(
                Commands(lane, commands)
                    .Where(c => guarded || !MayAsk(lane, c))
                    .Select(c => $"Bash({c}:*)")
            );
        }
        arguments.Add("--disallowedTools");
        if (runs && !guarded)
        {
            arguments.AddRange(Asks(lane).Select(c => $"Bash({c}:*)"));
        }
        arguments.AddRange(
            Protected
                .Concat(denied)
                .Distinct(StringComparer.Ordinal)
                .Select(p => $"Edit({root}/{p})")
        );
        return arguments;
    }

    /// <summary>The tools that are offered.</summary>
    public static IReadOnlyList<string> Tools(TaskKind kind, bool readOnly, LaneRights? lane)
    {
        var writes = MayWrite(readOnly, lane);
        string[] usual =
            !writes ? Reading
            : kind == TaskKind.Documentation ? ["Read", "Glob", "Grep", "Edit", "Write"]
            : ["Read", "Glob", "Grep", "Edit", "Write", "Bash"];
        return lane is { Tools.Count: > 0 }
            ? [.. lane.Tools.Where(t => IsName(t) && (writes || !IsWriting(t)))]
            : usual;
    }

    /// <summary>The commands that may be run, by their first words.</summary>
    public static IReadOnlyList<string> Commands(
        LaneRights? lane,
        IReadOnlyList<string> commands
    ) => [.. (lane?.Commands ?? commands).Where(IsCommand)];

    /// <summary>The commands that a person must allow each time, by their first words.</summary>
    public static IReadOnlyList<string> Asks(LaneRights? lane) =>
        [.. (lane?.AskCommands ?? []).Where(IsCommand)];

    // Rules know a command by its beginning alone: what allows 'git' allows 'git --no-pager push'.
    private static bool MayAsk(LaneRights? lane, string command) =>
        Asks(lane)
            .Any(a =>
                AskPattern
                    .Name(a.Split(' ')[0])
                    .Equals(
                        AskPattern.Name(command.Split(' ')[0]),
                        StringComparison.OrdinalIgnoreCase
                    )
            );

    private static bool MayWrite(bool readOnly, LaneRights? lane) =>
        !readOnly && lane?.Write != LaneWrite.None;

    // The CLI's rules match as .gitignore does: without case, and what matches a folder holds all below it. A lane's
    // 'docs/*' is the files of docs alone, so what lies below them is denied again, unless another glob of the lane is
    // about it. Where one reaches only partly there, the denial stands: a rule never gives more than the lane.
    private static (IReadOnlyList<string> Allowed, IReadOnlyList<string> Denied) Edits(
        LaneRights? lane
    )
    {
        if (lane is null)
        {
            return (["**"], []);
        }
        var guarded = lane.Protected.Select(p => PathGlob.Read(p, out _)).ToList();
        if (guarded.Contains(null))
        {
            return ([], []); // what is protected is not known: nothing is written
        }
        var paths = lane.Paths.Select(p => PathGlob.Read(p, out _)).OfType<PathGlob>().ToList();
        var allowed =
            lane.Paths.Count == 0
                ? ["**"]
                : paths.SelectMany(p => p.Plain).Where(p => p.IndexOfAny(['(', ')']) < 0).ToList();
        var below = allowed
            .Where(p => p != "**" && !p.EndsWith("/**", StringComparison.Ordinal))
            .Select(p => p + "/**")
            .Where(p => !paths.Exists(q => q.Covers(PathGlob.Read(p, out _)!)));
        // 'docs/**' protects the folder itself too, which could become a file. A parenthesis would end the rule: in a denial
        // any character stands for it.
        var denied = guarded
            .SelectMany(g => g!.Plain)
            .SelectMany(p => p is [.. var folder, '/', '*', '*'] ? [p, folder] : (string[])[p])
            .Select(p => p.Replace('(', '?').Replace(')', '?'));
        return (allowed, [.. denied, .. below]);
    }

    private static bool IsWriting(string tool) => Writing.Contains(tool) || tool == "Bash";

    // A name, and not the beginning of another argument or rule.
    private static bool IsName(string tool) =>
        tool.Length is > 0 and <= 100 && tool.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static bool IsCommand(string command) =>
        command.Length > 0
        && command == command.Trim()
        && !command.Any(c => char.IsControl(c) || c is '(' or ')' or ':' or '*');
}
