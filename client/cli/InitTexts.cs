using System.Globalization;
using System.Text;

namespace Orchestrator.Cli;

/// <summary>What <c>init</c> was told.</summary>
/// <param name="Slots">Agents at once; null = the default.</param>
/// <param name="Endpoint">Address of Ollama; empty = none.</param>
/// <param name="Repositories">Name to full path.</param>
/// <param name="Verify">The command that must pass; empty = found by what the repository holds.</param>
internal sealed record InitAnswers(
    int? Slots,
    string Endpoint,
    IReadOnlyDictionary<string, string> Repositories,
    string Verify
);

/// <summary>The files that <c>init</c> writes.</summary>
internal static class InitTexts
{
    /// <summary>A policy to start from: reading is free, documentation and fixes are written, tests and workflows are looked at.</summary>
    public const string Policy = """
        # What tasks and changes of this repository may do. It is read from the base commit: a change is never judged by its own
        # policy. Try it:   orchestrator policy test .orchestrator/policy.yaml     Every key: docs/policy.md
        version: 1
        name: repository

        # Nobody's work may touch these.
        protect:
          - "**/*.{pem,key,pfx}"

        # A lane is what the work of a type may do. 'write' is none, direct or guarded (kept as a diff until somebody applies it).
        lanes:
          read-only:
            types: [code_review, summarize, analyze]
            write: none
          docs:
            types: [documentation]
            write: direct
            paths: [docs/**, "**/*.md"]
          code:
            types: [fix]
            write: direct
            # Command lines that the agent may run, by their beginnings:
            # commands: [dotnet test]
            budget: { diff_lines: 500, diff_files: 20 }

        # The strictest rule that fits counts: deny, ask (somebody must approve), allow.
        rules:
          - name: workflows are looked at
            verdict: ask
            when: { paths: [".github/**"] }

        # Examples that 'policy test' holds the rules to.
        tests:
          - name: an ordinary fix goes through
            given: { type: fix, path: src/app.cs, lines: 10 }
            expect: allow
          - name: a workflow is looked at
            given: { type: fix, path: .github/workflows/ci.yml }
            expect: ask
          - name: a key is for people
            given: { type: fix, path: certificates/server.pem }
            expect: deny

        """;

    /// <summary>The settings of the data directory.</summary>
    public static string Settings(InitAnswers answers)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        Line(
            "# Settings of this server; 'orchestrator doctor' checks them. All keys: docs/configuration.md."
        );
        Line(
            "# A setting of the environment or of the command line is stronger than one of this file."
        );
        Line("");
        Line("# How the agent signs in. Keep this file readable for its owner only.");
        Line("#ANTHROPIC_API_KEY=");
        Line("");
        Line("# Agents at once on this host.");
        Line(
            answers.Slots is { } slots
                ? string.Create(CultureInfo.InvariantCulture, $"Runner__Slots={slots}")
                : "#Runner__Slots=3"
        );
        Line("");
        Line("# Repositories by a name of their own, which tasks give instead of a path.");
        foreach (var (name, path) in answers.Repositories)
        {
            Line($"Runner__Repositories__{name}={Quoted(path)}");
        }
        if (answers.Repositories.Count == 0)
        {
            Line("#Runner__Repositories__shop=/home/ann/code/shop");
        }
        Line("");
        Line("# A local model (Ollama) that reads requests; without one fixed rules do.");
        Line(
            answers.Endpoint.Length > 0
                ? $"Mediator__Endpoint={Quoted(answers.Endpoint)}"
                : "#Mediator__Endpoint=http://127.0.0.1:11434"
        );
        Line("");
        Line(
            "# What is put around agents: none, bubblewrap, podman, windows-restricted (docs/sandbox.md)."
        );
        Line("#Runner__Sandbox=bubblewrap");
        Line("");
        Line("# What a day may cost, US dollars; 0 = no limit.");
        Line("#Budgets__Day__CostUsd=20");
        return text.ToString();
    }

    /// <summary>The checks of a repository.</summary>
    public static string Checks(string verify) =>
        "# What must pass before work is accepted. It is read from the base commit, so that no agent can loosen it.\n"
        + (
            verify.Length > 0
                ? $"verify:\n  - {Yaml(verify)}\n"
                : "# Without it the checks are found by what the repository holds.\n#verify:\n#  - dotnet test\n"
        );

    private static string Quoted(string value) =>
        value.Contains('\'', StringComparison.Ordinal)
            ? "\""
                + value
                    .Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("\"", "\\\"", StringComparison.Ordinal)
                + "\""
            : $"'{value}'";

    private static string Yaml(string value) =>
        "'" + value.Replace("'", "''", StringComparison.Ordinal) + "'";
}
