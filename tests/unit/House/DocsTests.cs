using System.Text.RegularExpressions;
using Xunit;

namespace Orchestrator.UnitTests.House;

/// <summary>What the documents point at exists.</summary>
public sealed partial class DocsTests
{
    [Fact]
    public void Every_relative_link_of_every_page_leads_to_a_file() =>
        Assert.Empty(
            Pages()
                .SelectMany(page =>
                    Links()
                        .Matches(WithoutCode(Repository.Read(page)))
                        .Select(m => m.Groups["to"].Value)
                        .Where(to =>
                            !to.Contains("://", StringComparison.Ordinal)
                            && !to.StartsWith('#')
                            && !to.StartsWith("mailto:", StringComparison.Ordinal)
                        )
                        .Where(to =>
                            !Path.Exists(
                                Path.Combine(
                                    Repository.Root,
                                    Path.GetDirectoryName(page)!,
                                    to.Split('#')[0]
                                )
                            )
                        )
                        .Select(to => $"{page} -> {to}")
                )
        );

    [Fact]
    public void Every_file_of_the_tree_that_a_page_names_exists() =>
        Assert.Empty(
            Pages()
                .SelectMany(page =>
                    NamedFiles()
                        .Matches(Repository.Read(page))
                        .Select(m => m.Groups["path"].Value.TrimEnd('.', '/'))
                        .Distinct()
                        .Where(path => !Path.Exists(Path.Combine(Repository.Root, path)))
                        .Select(path => $"{page} -> {path}")
                )
        );

    [Fact]
    public void Every_project_that_the_README_runs_exists()
    {
        var projects = Projects()
            .Matches(Repository.Read("README.md"))
            .Select(m => m.Groups["path"].Value)
            .Distinct()
            .ToList();

        Assert.NotEmpty(projects);
        Assert.All(
            projects,
            p => Assert.NotEmpty(Directory.GetFiles(Path.Combine(Repository.Root, p), "*.csproj"))
        );
    }

    [Fact]
    public void Every_verb_that_a_page_types_is_one_of_the_command_line()
    {
        var cli = string.Concat(
            Repository
                .Files(".cs")
                .Where(f => f.StartsWith("client/cli/", StringComparison.Ordinal))
                .Select(Repository.Read)
        );
        var verbs = Verbs()
            .Matches(Repository.Read("README.md"))
            .Select(m => m.Groups["verb"].Value)
            .Distinct();

        Assert.All(verbs, v => Assert.Contains($"\"{v}\"", cli, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Pages() => Repository.Files(".md");

    private static string WithoutCode(string text) => Code().Replace(text, "");

    [GeneratedRegex(@"\[[^\]]*\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"```.*?```|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(
        @"`(?<path>(?:docs|tests|silo|grains|grain-interfaces|client|schemas|deploy|\.ci)/[A-Za-z0-9_./-]+\.(?:cs|md|json|sh|txt|sql|csproj))`"
    )]
    private static partial Regex NamedFiles();

    [GeneratedRegex(@"dotnet (?:run|test|build) --project (?<path>[\w./-]+)")]
    private static partial Regex Projects();

    [GeneratedRegex(@"^(?:\$ )?orchestrator (?<verb>[a-z][a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex Verbs();
}
