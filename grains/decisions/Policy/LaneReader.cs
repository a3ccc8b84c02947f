using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.Decisions.Policy;

/// <summary>Reads one lane.</summary>
internal static class LaneReader
{
    private const string TypesOf = "fix, code_review, summarize, analyze, documentation";

    private static readonly string[] Keys =
    [
        "types",
        "write",
        "paths",
        "protect",
        "commands",
        "tools",
        "network",
        "model",
        "sandbox",
        "budget",
        "approvals",
        "merge",
        "pull_request",
        "guarded_hours",
        "questions",
    ];

    private static readonly (string, LaneWrite?)[] Writes =
    [
        ("none", LaneWrite.None),
        ("direct", LaneWrite.Direct),
        ("guarded", LaneWrite.Guarded),
    ];

    private static readonly (string, bool)[] Sandboxes = [("required", true), ("optional", false)];

    private static readonly (string, bool?)[] PullRequests = [("draft", true), ("ready", false)];

    public static PolicyLane Read(
        YamlPart.Text name,
        YamlPart value,
        PolicyNames names,
        PolicyProblems problems
    )
    {
        var lane = $"Lane '{name.Value}'";
        var section = new PolicySection(value, lane, Keys, problems);
        var budget = new PolicySection(
            section["budget"],
            $"The budget of lane '{name.Value}'",
            ["minutes", "turns", "cost_usd", "diff_lines", "diff_files"],
            problems
        );
        var types = section
            .List("types")
            .Select(t => section.Choose(t, "A type", PolicyReader.Types))
            .ToList();
        if (section["types"] is null || section.List("types").Count == 0)
        {
            problems.Add(
                name,
                $"{lane} has no types, so no task would use it",
                $"Write types: with some of {TypesOf}."
            );
        }
        var write = section.Choice("write", Writes);
        if (section["write"] is null)
        {
            problems.Add(
                name,
                $"{lane} does not say how it writes",
                "Write 'write: none', 'write: direct' or 'write: guarded'."
            );
        }
        var (network, hosts) = Network(section, name.Value, problems);
        var (commands, ask) = Commands(section, name, names, problems);
        var merge = Merge(section, name, write, problems);
        var draft = section.Choice("pull_request", PullRequests);
        if (merge is not null && draft == true)
        {
            problems.Add(
                section.At("pull_request"),
                $"Pull requests of lane '{name.Value}' are opened as drafts, and are to be merged by themselves; a draft never is",
                "Write 'pull_request: ready', or remove 'auto: true'."
            );
        }
        return new PolicyLane
        {
            Name = name.Value,
            Line = name.Line,
            Types = types,
            Write = write ?? LaneWrite.None,
            Paths = section.Globs("paths"),
            PathsLine = section.LineOf("paths"),
            Protect = section.Globs("protect"),
            Commands = commands,
            Ask = ask,
            Tools = section.Each<string>("tools", Tool),
            Network = network,
            Hosts = hosts,
            Model = section.Text("model", 200),
            ModelLine = section.LineOf("model"),
            SandboxRequired = section.Choice("sandbox", Sandboxes),
            RunSecondsMax = 60 * (budget.Number("minutes", 1, 1_440) ?? 0),
            TurnsMax = budget.Number("turns", 1, 10_000) ?? 0,
            CostUsdMax = budget.Money("cost_usd"),
            DiffLinesMax = budget.Number("diff_lines", 1, 10_000_000) ?? 0,
            DiffFilesMax = budget.Number("diff_files", 1, 1_000_000) ?? 0,
            BudgetLine = section.LineOf("budget"),
            Approvals = RuleReader.OfLane(section, name.Value, names, problems),
            Merge = merge,
            Draft = draft,
            GuardedHours = section.Number("guarded_hours", 1, 8_760) ?? 0,
            QuestionsMax = section.Number("questions", 0, Plan.QuestionsMost) ?? 0,
        };
    }

    // A list is what is allowed. A mapping says that, and what a person must allow each time, how many of them and who.
    private static (IReadOnlyList<string>? Allowed, CommandQuestion? Ask) Commands(
        PolicySection section,
        YamlPart.Text lane,
        PolicyNames names,
        PolicyProblems problems
    )
    {
        if (section["commands"] is not YamlPart.Entries map)
        {
            return (
                section.Has("commands") ? section.Each<string>("commands", Command) : null,
                null
            );
        }
        var commands = new PolicySection(
            map,
            $"'commands' of lane '{lane.Value}'",
            ["allow", "ask", "approvals", "by"],
            problems
        );
        var allowed = commands.Has("allow") ? commands.Each<string>("allow", Command) : null;
        var asked = commands.Each<string>("ask", Command);
        if (asked.Count == 0)
        {
            foreach (var key in (string[])["ask", "approvals", "by"])
            {
                if (commands.Has(key))
                {
                    problems.Add(
                        commands.At(key),
                        $"Lane '{lane.Value}' asks about no command, and '{key}' speaks of a question",
                        "Write 'ask: [git push]', or remove it."
                    );
                    break;
                }
            }
            return (allowed, null);
        }
        foreach (var never in (allowed ?? []).Where(c => asked.Any(a => Below(c, a))))
        {
            problems.Add(
                commands.At("allow"),
                $"'{PolicySection.Shown(never)}' is allowed in lane '{lane.Value}', and is asked about in line {commands.LineOf("ask")}",
                "Remove one of them."
            );
        }
        return (
            allowed,
            new CommandQuestion(
                asked,
                new PolicyRule
                {
                    Name = $"commands of lane {lane.Value}",
                    Line = commands.LineOf("ask"),
                    Verdict = Verdict.NeedsApproval,
                    Approvals = commands.Number("approvals", 1, RuleReader.ApprovalsMax) ?? 1,
                    By = names.Roles(commands, "by"),
                }
            )
        );

        static bool Below(string command, string asked) =>
            command == asked || command.StartsWith(asked + " ", StringComparison.Ordinal);
    }

    private static (string Network, IReadOnlyList<string> Hosts) Network(
        PolicySection section,
        string lane,
        PolicyProblems problems
    )
    {
        if (section["network"] is YamlPart.Entries map)
        {
            var allow = new PolicySection(
                map,
                $"The network of lane '{lane}'",
                ["allow"],
                problems
            );
            var hosts = allow.Each<string>("allow", Host);
            if (allow.Part is not null && !allow.Has("allow"))
            {
                problems.Add(
                    map,
                    $"The network of lane '{lane}' allows nothing",
                    "Write 'network: off', or {allow: [host.example]}."
                );
            }
            return ("allowlist", hosts);
        }
        return (section.Choice("network", [("open", "open"), ("off", "off")]) ?? "", []);
    }

    private static MergeRule? Merge(
        PolicySection section,
        YamlPart.Text lane,
        LaneWrite? write,
        PolicyProblems problems
    )
    {
        var merge = new PolicySection(
            section["merge"],
            $"The merge rule of lane '{lane.Value}'",
            ["auto", "checks", "quiet_minutes", "lines_max", "files_max", "approvals", "method"],
            problems
        );
        var rule = new MergeRule(
            merge.Texts("checks"),
            merge.Number("quiet_minutes", 0, 100_000) ?? 0,
            merge.Number("lines_max", 1, 10_000_000) ?? 0,
            merge.Number("files_max", 1, 1_000_000) ?? 0
        )
        {
            Approvals = merge.Number("approvals", 0, 20) ?? 0,
            Method =
                merge.Choice(
                    "method",
                    [("squash", "squash"), ("merge", "merge"), ("rebase", "rebase")]
                ) ?? "squash",
        };
        if (merge.Flag("auto") != true)
        {
            return null;
        }
        if (write is LaneWrite.None or LaneWrite.Guarded)
        {
            problems.Add(
                merge.At("auto"),
                write == LaneWrite.None
                    ? $"Lane '{lane.Value}' writes nothing, and its work is to be merged by itself"
                    : $"Lane '{lane.Value}' is guarded, and its work is to be merged by itself",
                "Remove 'auto: true', or write 'write: direct'."
            );
        }
        return rule;
    }

    private static string? Command(string text, int line, out string problem)
    {
        // It becomes part of a rule of the agent's own, in which other characters mean something.
        problem =
            text.Length is 0 or > 200
            || !text.All(c =>
                char.IsAsciiLetterOrDigit(c) || "_./:=@+- ".Contains(c, StringComparison.Ordinal)
            )
            || text != text.Trim()
                ? "is no beginning of a command line of letters, digits and _./:=@+- up to 200 characters"
                : "";
        return problem.Length == 0 ? text : null;
    }

    private static string? Tool(string text, int line, out string problem)
    {
        problem =
            text.Length is 0 or > 100
            || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
                ? "is no name of a tool, such as Read, Edit or Bash"
                : "";
        return problem.Length == 0 ? text : null;
    }

    private static string? Host(string text, int line, out string problem)
    {
        var name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        problem =
            name.Length is 0 or > 253
            || name[0] is '.' or '-'
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')
                ? "is no host name, exact or *.suffix, without scheme and port"
                : "";
        return problem.Length == 0 ? text : null;
    }
}
