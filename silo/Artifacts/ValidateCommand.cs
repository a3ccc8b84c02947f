using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Silo.Settings;

namespace Orchestrator.Silo.Artifacts;

/// <summary><c>orchestrator-silo validate-artifacts [--ignore-legacy] [FILE or FOLDER ...]</c>: works without a running silo.</summary>
internal static class ValidateCommand
{
    /// <summary>0 = all good, 1 = a finding, 2 = wrong usage.</summary>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var ignoreLegacy = args.Contains("--ignore-legacy");
        var places = args.Where(a => !a.StartsWith("--", StringComparison.Ordinal)).ToList();
        if (places.Count == 0)
        {
            // Without a name: the results of the data directory, of which a fresh one has none yet.
            var results = Path.Combine(SettingsHosting.DataDirectory([]), "results");
            places.AddRange(Directory.Exists(results) ? [results] : (string[])[]);
        }
        if (
            args.FirstOrDefault(a =>
                a.StartsWith("--", StringComparison.Ordinal) && a != "--ignore-legacy"
            ) is
            { } unknown
        )
        {
            error.WriteLine(
                $"validate-artifacts: unknown option {unknown}. Known: --ignore-legacy."
            );
            return 2;
        }
        var (total, ok, failed, skipped) = (0, 0, 0, 0);
        foreach (var file in places.SelectMany(Files))
        {
            total++;
            var findings = Check(file, out var legacy);
            if (legacy && ignoreLegacy)
            {
                skipped++;
                output.WriteLine($"{file}: SKIP (legacy, no schema_version)");
            }
            else if (findings.Count == 0)
            {
                ok++;
                output.WriteLine($"{file}: OK");
            }
            else
            {
                failed++;
                output.WriteLine($"{file}: INVALID");
                foreach (var finding in findings)
                {
                    output.WriteLine("  " + finding);
                }
            }
        }
        output.WriteLine(
            $"Validation summary: total={total} ok={ok} failed={failed} skipped_legacy={skipped}"
        );
        return failed > 0 ? 1 : 0;
    }

    // A pattern that the shell left alone, as Windows' does, is looked up here: '*' and '?' in the last part of the path.
    private static IEnumerable<string> Files(string place)
    {
        if (Directory.Exists(place))
        {
            return Directory.EnumerateFiles(place, "*.json").Order(StringComparer.Ordinal);
        }
        var pattern = Path.GetFileName(place);
        var folder = Path.GetDirectoryName(place) is { Length: > 0 } named ? named : ".";
        if (
            !pattern.Contains('*', StringComparison.Ordinal)
            && !pattern.Contains('?', StringComparison.Ordinal)
        )
        {
            return [place];
        }
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)
            : [place];
    }

    private static IReadOnlyList<string> Check(string file, out bool legacy)
    {
        legacy = false;
        try
        {
            var text = File.ReadAllText(file);
            if (Path.GetFileName(file) == "index.json")
            {
                return CheckIndex(file, text);
            }
            legacy = JsonNode.Parse(text) is JsonObject node && !node.ContainsKey("schema_version");
            return ArtifactValidator.Check(Path.GetFileNameWithoutExtension(file), text);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return [e.Message];
        }
    }

    private static List<string> CheckIndex(string file, string text) =>
        JsonNode.Parse(text) is JsonObject index
            ?
            [
                .. index
                    .Where(e =>
                        !File.Exists(
                            Path.Combine(
                                Path.GetDirectoryName(Path.GetFullPath(file))!,
                                "..",
                                e.Value?.ToString() ?? "?"
                            )
                        )
                    )
                    .Select(e => $"{e.Key} names {e.Value}, which is not there."),
            ]
            : ["The index is no JSON object."];
}
