using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>Short policies for tests, and what is said of them as one line each.</summary>
internal static class PolicyTexts
{
    /// <summary>Two lines.</summary>
    public const string Head = "version: 1\nname: p\n";

    /// <summary>One line: a lane that writes anything.</summary>
    public const string Lanes = "lanes: {code: {types: [fix], write: direct}}\n";

    /// <summary>A policy whose lane 'code' stands in line 5 and has these keys, from line 6 and column 5.</summary>
    public static string Lane(params string[] keys) =>
        $"{Head}roles: {{keeper: [ann, bob]}}\nlanes:\n  code:\n"
        + string.Concat(keys.Select(k => $"    {k}\n"));

    /// <summary>The same with types and a way to write; the other keys from line 8.</summary>
    public static string Code(params string[] keys) =>
        Lane(["types: [fix]", "write: direct", .. keys]);

    /// <summary>A policy that must have no problem, as the file <c>p.yaml</c>.</summary>
    public static PolicyDocument Read(string text)
    {
        Assert.Empty(Problems(text));
        return PolicyReader.Read(text, "p.yaml").Policy!;
    }

    /// <summary>All problems in their order: <c>LINE:COLUMN MESSAGE | CURE</c>.</summary>
    public static IReadOnlyList<string> Problems(string text) =>
        [
            .. PolicyReader
                .Read(text, "p.yaml")
                .Problems.Select(p =>
                    $"{p.Line}:{p.Column} {p.Message}{(p.Cure.Length > 0 ? " | " : "")}{p.Cure}"
                ),
        ];

    /// <summary>True when the published schema takes the text.</summary>
    public static bool SchemaTakes(string text) =>
        TextSchemas.CheckPolicy(PolicySchemaTests.Json(text)).Count == 0;

    /// <summary>All rulings in their order: <c>VERDICT RULE (SOURCE) REASON</c>.</summary>
    public static IReadOnlyList<string> Told(PolicyRuling ruling) =>
        [
            .. ruling.Rulings.Select(r =>
                $"{PolicyWords.Of(r.Verdict)} {r.Rule} ({r.Source}) {r.Reason}"
            ),
        ];
}
