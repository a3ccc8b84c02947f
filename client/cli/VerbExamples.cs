using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Orchestrator.Cli;

/// <summary>What each main verb looks like in use: at the end of its help and in its reference.</summary>
internal static class VerbExamples
{
    private static readonly Dictionary<string, string[]> Lines = new(StringComparer.Ordinal)
    {
        ["init"] = ["orchestrator init", "orchestrator init --yes --repo ~/code/shop --slots 2"],
        ["run"] =
        [
            "orchestrator run \"Add a retry to src/db.cs\" --repo ~/code/shop",
            "orchestrator run - --repo shop --remote github:acme/shop < request.md",
        ],
        ["submit"] =
        [
            "orchestrator submit \"Review the parser\" --repo shop --idempotency-key review-7",
        ],
        ["list"] = ["orchestrator list --phase failed --max 50"],
        ["show"] = ["orchestrator show ID", "orchestrator show ID --conversation --markdown"],
        ["explain"] = ["orchestrator explain ID"],
        ["reply"] = ["orchestrator reply ID \"Keep the old signature\" --watch"],
        ["approve"] = ["orchestrator diff ID", "orchestrator approve ID"],
        ["doctor"] =
        [
            "orchestrator doctor",
            "orchestrator doctor --fix --login",
            "orchestrator doctor --security",
        ],
        ["stats"] = ["orchestrator stats", "orchestrator stats --by requester --since 30d"],
        ["progress"] = ["orchestrator progress --since 24h"],
        ["health"] = ["orchestrator health", "orchestrator health --gate || exit 1"],
        ["tail-events"] =
        [
            "orchestrator tail-events --follow",
            "orchestrator tail-events --type retry timeout --since 2h",
        ],
        ["support-bundle"] = ["orchestrator support-bundle --task ID --output bundle.zip"],
        ["serve"] = ["orchestrator serve", "orchestrator serve --stop"],
        ["token"] = ["orchestrator token create ann --scope read submit --expires 30d"],
        ["policy"] = ["orchestrator policy check .orchestrator/policy.yaml"],
        ["dead-letters"] =
        [
            "orchestrator dead-letters list",
            "orchestrator dead-letters replay --all",
        ],
        ["completions"] = ["eval \"$(orchestrator completions bash)\""],
        ["explain-error"] = ["orchestrator explain-error queue_full"],
    };

    /// <summary>Command lines of a verb; empty when there are none.</summary>
    public static IReadOnlyList<string> Of(string verb) => Lines.GetValueOrDefault(verb, []);

    /// <summary>Verbs that have some.</summary>
    public static IReadOnlyCollection<string> Verbs => Lines.Keys;

    /// <summary>Has the help of each verb end with them.</summary>
    public static void AddTo(RootCommand root)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            if (help.Action is SynchronousCommandLineAction first)
            {
                help.Action = new WithExamples(first);
            }
        }
    }

    private sealed class WithExamples(SynchronousCommandLineAction first)
        : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = first.Invoke(parseResult);
            var examples = Of(parseResult.CommandResult.Command.Name);
            if (examples.Count > 0)
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var example in examples)
                {
                    output.WriteLine("  " + example);
                }
                output.WriteLine();
            }
            return code;
        }
    }
}
