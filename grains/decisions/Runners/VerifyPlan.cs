using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Decisions.Runners;

/// <summary>Which commands check a repository's work.</summary>
/// <param name="Source"><c>repository</c>, <c>server</c>, <c>detected:NAME</c> or <c>none</c>.</param>
/// <param name="Commands">In order.</param>
/// <param name="Problem">Why the repository's own file cannot be read, with the line; empty otherwise.</param>
public sealed record VerifyPlan(string Source, IReadOnlyList<string> Commands, string Problem = "")
{
    /// <summary>The repository's file.</summary>
    public const string FileName = ".orchestrator.yaml";

    private const int CommandsMax = 20;
    private const int CharactersMax = 64 * 1024;
    private const int BracketsMax = 400;
    private const int IndentMax = 100;

    /// <summary>Chooses: the file of the base commit, then the server's, then what the files at the root tell.</summary>
    /// <param name="file">Content of <see cref="FileName"/> at the base commit, or null.</param>
    /// <param name="server">The server's commands.</param>
    /// <param name="rootFiles">Names of the files at the repository's root.</param>
    /// <param name="packageJson">Content of package.json, or null.</param>
    public static VerifyPlan Choose(
        string? file,
        IReadOnlyList<string> server,
        IReadOnlyList<string> rootFiles,
        string? packageJson
    )
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(rootFiles);
        if (file is not null)
        {
            return Read(file);
        }
        return server.Count > 0 ? new VerifyPlan("server", server) : Detect(rootFiles, packageJson);
    }

    private static VerifyPlan Read(string text)
    {
        if (TooDeep(text))
        {
            // The YAML reader takes seconds for it, and a list of commands has no need of it.
            return Bad(1, "is too long or nested too deep for a list of commands");
        }
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            if (yaml.Documents.Count == 0)
            {
                return new VerifyPlan("repository", []);
            }
            if (yaml.Documents[0].RootNode is not YamlMappingNode root)
            {
                return Bad(1, "must be a mapping with the key 'verify'");
            }
            IReadOnlyList<string> commands = [];
            foreach (var (key, value) in root.Children)
            {
                if ((key as YamlScalarNode)?.Value != "verify")
                {
                    return Bad(key.Start.Line, $"has the unknown key '{key}'; known: verify");
                }
                if (
                    value is not YamlSequenceNode list
                    || list.Children.Count > CommandsMax
                    || list.Children.Any(c =>
                        c is not YamlScalarNode { Value.Length: > 0 and <= 2_000 }
                    )
                )
                {
                    return Bad(
                        value.Start.Line,
                        $"needs under 'verify' a list of at most {CommandsMax} command lines"
                    );
                }
                commands = [.. list.Children.Select(c => ((YamlScalarNode)c).Value!)];
            }
            return new VerifyPlan("repository", commands);
        }
        catch (YamlException e)
        {
            return Bad(e.Start.Line, "is no valid YAML: " + e.Message);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The YAML reader's answer to some texts that end in the middle.
            return Bad(
                1,
                "is no valid YAML: it ends in the middle or holds characters that YAML forbids"
            );
        }
    }

    private static bool TooDeep(string text) =>
        text.Length > CharactersMax
        || text.Count(c => c is '[' or '{') > BracketsMax
        || text.Split('\n').Any(l => l.Length - l.TrimStart(' ').Length > IndentMax);

    private static VerifyPlan Bad(long line, string problem) =>
        new("repository", [], $"{FileName}, line {line}: it {problem}.");

    private static VerifyPlan Detect(IReadOnlyList<string> files, string? packageJson)
    {
        if (
            files.Any(f =>
                f.EndsWith(".sln", StringComparison.OrdinalIgnoreCase)
                || f.EndsWith(".slnx", StringComparison.OrdinalIgnoreCase)
            )
        )
        {
            return new VerifyPlan("detected:dotnet", ["dotnet test"]);
        }
        if (
            packageJson is not null
            && packageJson.Contains("\"test\"", StringComparison.Ordinal)
            && !packageJson.Contains("no test specified", StringComparison.Ordinal)
        )
        {
            return new VerifyPlan("detected:npm", ["npm test"]);
        }
        return files switch
        {
            _ when files.Contains("Cargo.toml") => new VerifyPlan("detected:cargo", ["cargo test"]),
            _ when files.Contains("go.mod") => new VerifyPlan("detected:go", ["go test ./..."]),
            _ when files.Contains("pytest.ini") || files.Contains("conftest.py") => new VerifyPlan(
                "detected:pytest",
                ["python3 -m pytest -q"]
            ),
            _ => new VerifyPlan("none", []),
        };
    }
}
