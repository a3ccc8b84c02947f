using System.Text.RegularExpressions;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Settings;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>The reference pages are what the program says now; every code has its words; help ends with examples.</summary>
public sealed partial class ReferenceTests
{
    private static readonly string[] Rooms = ["silo", "grains", "client", "grain-interfaces"];

    [Theory]
    [InlineData("cli")]
    [InlineData("errors")]
    public async Task A_reference_page_is_what_the_command_line_says(string page)
    {
        var run = await CliProcess.RunAsync(null, "reference", page);

        Assert.Equal(0, run.ExitCode);
        AssertCurrent($"{page}.md", run.Output);
    }

    [Fact]
    public void The_page_of_settings_is_made_from_the_catalog_and_names_every_key_with_its_words()
    {
        var page = ConfigurationPage.Make();

        Assert.Equal(
            SettingsCatalog.Settings.Select(s => s.Key).Order(StringComparer.Ordinal),
            ConfigurationPage.Keys(page).Where(k => k != "key").Order(StringComparer.Ordinal)
        );
        Assert.DoesNotContain("|  |", page, StringComparison.Ordinal);
        AssertCurrent("configuration.md", page);
    }

    [Fact]
    public async Task Every_code_that_can_be_answered_is_explained_with_what_helps()
    {
        var page = (await CliProcess.RunAsync(null, "reference", "errors")).Output;
        var explained = ConfigurationPage.Keys(page);
        var sources = Rooms
            .SelectMany(f =>
                Directory.EnumerateFiles(SourceTree.File(f), "*.cs", SearchOption.AllDirectories)
            )
            .Where(f => !f.Contains("node_modules", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .ToList();
        var used = sources
            .SelectMany(s => Code().Matches(s))
            .Select(m => m.Groups[1].Value)
            .Where(n => n != nameof(FailureCodes.All))
            .Distinct()
            .Select(n => (string)typeof(FailureCodes).GetField(n)!.GetValue(null)!)
            .ToList();
        var literal = sources.SelectMany(s => Literal().Matches(s)).Select(m => m.Value);

        Assert.True(used.Count > 15, "the sources were not found");
        Assert.Empty(used.Except(explained));
        Assert.Empty(FailureCodes.All.Except(explained));
        Assert.Empty(
            Enum.GetNames<ErrorClass>()
                .Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName)
                .Except(explained)
        );
        Assert.Empty(literal);
        Assert.DoesNotContain("|  |", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_of_a_verb_ends_with_examples_and_an_unknown_code_names_the_known_ones()
    {
        var help = await CliProcess.RunAsync(null, "stats", "--help");
        var unknown = await CliProcess.RunAsync(null, "explain-error", "no_such_code");
        var known = await CliProcess.RunAsync(null, "explain-error", "usage_limit");

        Assert.Equal(0, help.ExitCode);
        Assert.Matches(@"--by[\s\S]*Examples:\r?\n  orchestrator stats", help.Output);
        Assert.Equal((2, 0), (unknown.ExitCode, known.ExitCode));
        Assert.Contains("queue_full", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("reset", known.Output, StringComparison.Ordinal);
    }

    private static void AssertCurrent(string page, string text)
    {
        var file = SourceTree.File("docs", page);
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_WRITE_DOCS") == "1")
        {
            File.WriteAllText(file, text);
        }
        Assert.True(
            File.Exists(file)
                && File.ReadAllText(file).ReplaceLineEndings("\n") == text.ReplaceLineEndings("\n"),
            $"docs/{page} is not current. Write it: ORCHESTRATOR_WRITE_DOCS=1 dotnet test --project tests/system -- --filter-class \"*.ReferenceTests\""
        );
    }

    [GeneratedRegex(@"\bFailureCodes\.([A-Z][A-Za-z]+)\b", RegexOptions.None, 1_000)]
    private static partial Regex Code();

    [GeneratedRegex("new Failure\\(\\s*\"[^\"]*\"", RegexOptions.None, 1_000)]
    private static partial Regex Literal();
}
