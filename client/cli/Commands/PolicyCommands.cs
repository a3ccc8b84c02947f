using System.CommandLine;

namespace Orchestrator.Cli;

/// <summary>Verbs about policies. What is asked of a file is answered by the silo's program, without a running server.</summary>
internal static class PolicyCommands
{
    public static Command Make(Func<ParseResult, Output> answer)
    {
        var policy = new Command(
            "policy",
            "Check a policy, run its tests, ask what it says, put it in force."
        )
        {
            OfFile("check", "Read a policy and tell all that is wrong with it.", answer),
            OfFile("test", "Run the tests that a policy holds.", answer),
            Explain(answer),
        };
        PolicyInForceCommands.AddTo(policy);
        return policy;
    }

    private static Command OfFile(string verb, string words, Func<ParseResult, Output> answer)
    {
        var file = new Argument<string>("file") { Description = "The policy, YAML." };
        var command = new Command(verb, words) { file };
        command.SetAction(
            (p, _) => Task.FromResult(Ask(answer(p), [verb, p.GetRequiredValue(file)]))
        );
        return command;
    }

    private static Command Explain(Func<ParseResult, Output> answer)
    {
        Option<string?>[] options =
        [
            new("--type")
            {
                Description = "fix, code_review, summarize, analyze or documentation.",
                Required = true,
            },
            new("--file") { Description = "The policy; default: the built-in one." },
            new("--requester") { Description = "Who asks; default: anyone." },
            new("--repo") { Description = "Path or name of the repository." },
            new("--base") { Description = "Branch to start from; default: its HEAD." },
            new("--change")
            {
                Description = "A kind of change, such as symlink, deletion or rename.",
            },
            new("--target") { Description = "With --change symlink: where it points to." },
            new("--from") { Description = "With --change rename: the name before." },
            new("--lines") { Description = "Changed lines in all; default 1." },
            new("--files") { Description = "Changed files in all; default: the paths." },
            new("--risk") { Description = "low, medium or high." },
            new("--model") { Description = "The agent's model." },
        ];
        var paths = new Option<string[]>("--path")
        {
            Description = "A path that is changed; may be repeated.",
        };
        var first = new Option<bool>("--first-time")
        {
            Description = "None of the requester's tasks has ended well yet.",
        };
        var command = new Command("explain", "What a policy says to a change, with rule and line.")
        {
            paths,
            first,
        };
        foreach (var option in options)
        {
            command.Add(option);
        }
        command.SetAction(
            (p, _) =>
            {
                List<string> words = ["explain"];
                foreach (var option in options)
                {
                    if (p.GetValue(option) is { } value)
                    {
                        words.AddRange([option.Name, value]);
                    }
                }
                foreach (var path in p.GetValue(paths) ?? [])
                {
                    words.AddRange(["--path", path]);
                }
                if (p.GetValue(first))
                {
                    words.Add("--first-time");
                }
                return Task.FromResult(Ask(answer(p), words));
            }
        );
        return command;
    }

    private static int Ask(Output output, IEnumerable<string> words) =>
        ServeCommand.Start(["policy", .. words, .. output.Json ? (string[])["--json"] : []]);
}
