using System.Globalization;
using Orchestrator.Decisions.Policy;

namespace Orchestrator.Silo.Policy;

/// <summary>What <c>policy explain</c> was asked.</summary>
/// <param name="File">The policy's file; empty = the built-in policy.</param>
/// <param name="Question">The change.</param>
internal sealed record ExplainWords(string File, PolicyQuestion Question);

/// <summary>Reads the words of <c>policy explain</c>.</summary>
internal static class PolicyWordsReader
{
    private const int NumberMax = 10_000_000;
    private static readonly string[] Risks = ["low", "medium", "high"];

    /// <summary>The question, or null with the problem.</summary>
    public static (ExplainWords? Words, string Problem) Read(IReadOnlyList<string> args)
    {
        var (file, question, paths) = (
            "",
            new PolicyQuestion { Requester = "anyone" },
            new List<string>()
        );
        var typed = false;
        for (var i = 0; i < args.Count; i++)
        {
            var option = args[i];
            if (option == "--first-time")
            {
                question = question with { FirstTime = true };
                continue;
            }
            if (i + 1 == args.Count)
            {
                return (null, $"{option} needs a value, or is no option.");
            }
            var value = args[++i];
            switch (option)
            {
                case "--file":
                    file = value;
                    break;
                case "--requester":
                    question = question with { Requester = value };
                    break;
                case "--repo":
                    // A folder that is there is meant by its whole path, as a task's is.
                    question = question with
                    {
                        Repository = Directory.Exists(value) ? Path.GetFullPath(value) : value,
                    };
                    break;
                case "--base":
                    question = question with { BaseBranch = value };
                    break;
                case "--path":
                    paths.Add(value);
                    break;
                case "--target":
                    question = question with { Target = value };
                    break;
                case "--from":
                    question = question with { From = value };
                    break;
                case "--model":
                    question = question with { Model = value };
                    break;
                case "--type" when PolicyWords.TypeOf(value) is { } type:
                    question = question with { Type = type };
                    typed = true;
                    break;
                case "--type":
                    return (
                        null,
                        $"'{value}' is no type. Known: {string.Join(", ", PolicyWords.Types)}."
                    );
                case "--change" when PolicyWords.Kinds.Contains(value):
                    question = question with { Change = value };
                    break;
                case "--change":
                    return (
                        null,
                        $"'{value}' is no kind of change. Known: {string.Join(", ", PolicyWords.Kinds)}."
                    );
                case "--risk" when Risks.Contains(value):
                    question = question with { Risk = value };
                    break;
                case "--risk":
                    return (null, $"'{value}' is no risk. Known: {string.Join(", ", Risks)}.");
                case "--lines" when Number(value) is { } lines:
                    question = question with { Lines = lines };
                    break;
                case "--files" when Number(value) is { } files:
                    question = question with { Files = files };
                    break;
                case "--lines" or "--files":
                    return (null, $"{option} is no whole number of 0 to {NumberMax}.");
                default:
                    return (null, $"unknown option {option}.");
            }
        }
        if (!typed)
        {
            return (null, $"--type is missing. Known: {string.Join(", ", PolicyWords.Types)}.");
        }
        // Without a repository no branch is judged, and the answer would be about another question.
        if (question is { BaseBranch.Length: > 0, Repository.Length: 0 })
        {
            return (null, "--base is about a repository. Add --repo.");
        }
        return paths.Count == 0 && question.Change.Length > 0
            ? (null, "--change is about a path. Add --path.")
            : (new ExplainWords(file, question with { Paths = paths }), "");
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number <= NumberMax
            ? number
            : null;
}
