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
    private static readonly string[] Protected = [".git", ".git/**", "**/.env", "**/.npmrc"];
    private static readonly string[] Reading = ["Read", "Glob", "Grep"];
    private static readonly string[] Writing = ["Edit", "Write", "NotebookEdit"];

    /// <summary>The arguments <c>--tools</c>, <c>--allowedTools</c> and <c>--disallowedTools</c>.</summary>
    /// <param name="kind">The kind of work.</param>
    /// <param name="readOnly">True: no tool that writes is offered.</param>
    /// <param name="lane">The lane, or null.</param>
    /// <param name="root">The worktree as rules name it: <c>//srv/wt</c>, <c>//C:/wt</c>.</param>
    /// <param name="commands">The host's allowed commands, where the lane names none of its own.</param>
    public static IReadOnlyList<string> Of(
        TaskKind kind,
        bool readOnly,
        LaneRights? lane,
        string root,
        IReadOnlyList<string> commands
    )
    {
        ArgumentNullException.ThrowIfNull(commands);
        var writes = !readOnly && lane?.Write != LaneWrite.None;
        string[] usual =
            !writes ? Reading
            : kind == TaskKind.Documentation ? ["Read", "Glob", "Grep", "Edit", "Write"]
            : ["Read", "Glob", "Grep", "Edit", "Write", "Bash"];
        var tools = lane is { Tools.Count: > 0 }
            ? lane.Tools.Where(t => IsName(t) && (writes || !IsWriting(t))).ToArray()
            : usual;
        var runs = writes && tools.Contains("Bash");
        // One slash, then the absolute path. Never a bare Read (it opens the silo's own files), Write or Edit; Read rules
        // govern Glob, Grep and reading commands too, Edit rules govern Write. Commands that only read the worktree
        // (git status, git diff, ls, cat, grep) need no rule, and a rule by prefix would let 'git diff --output=' through.
        List<string> arguments = ["--tools", string.Join(',', tools), "--allowedTools"];
        arguments.Add($"Read({root}/**)");
        if (writes)
        {
            arguments.AddRange(
                lane is { Paths.Count: > 0 }
                    ? lane.Paths.SelectMany(Plain).Select(p => $"Edit({root}/{p})")
                    : [$"Edit({root}/**)"]
            );
        }
        if (runs)
        {
            arguments.AddRange(
                (lane?.Commands ?? commands).Where(IsCommand).Select(c => $"Bash({c}:*)")
            );
        }
        arguments.Add("--disallowedTools");
        arguments.AddRange(
            Protected
                .Concat((lane?.Protected ?? []).SelectMany(Plain))
                .Distinct(StringComparer.Ordinal)
                .Select(p => $"Edit({root}/{p})")
        );
        return arguments;
    }

    private static bool IsWriting(string tool) => Writing.Contains(tool) || tool == "Bash";

    // A name, and not the beginning of another argument or rule.
    private static bool IsName(string tool) =>
        tool.Length is > 0 and <= 100 && tool.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static bool IsCommand(string command) =>
        command.Length > 0 && !command.Any(c => char.IsControl(c) || c is '(' or ')' or ':' or '*');

    // The CLI's rules have no choices in braces: each is written out. At most 64 from one glob; a glob with more is left
    // to the judgement of the work.
    private static IReadOnlyList<string> Plain(string glob)
    {
        var done = new List<string>();
        var open = new Queue<string>([glob]);
        while (open.Count > 0 && open.Count + done.Count <= 64)
        {
            var text = open.Dequeue();
            var from = text.IndexOf('{', StringComparison.Ordinal);
            var to = from < 0 ? -1 : text.IndexOf('}', from);
            if (to < 0)
            {
                done.Add(text);
                continue;
            }
            foreach (var choice in text[(from + 1)..to].Split(','))
            {
                open.Enqueue(text[..from] + choice + text[(to + 1)..]);
            }
        }
        return
        [
            .. done.Where(p => !p.Any(c => char.IsControl(c) || c is '(' or ')'))
                .Select(p => p.TrimStart('/')),
        ];
    }
}
