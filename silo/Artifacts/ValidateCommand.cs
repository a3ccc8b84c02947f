using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Artifacts;

namespace Orchestrator.Silo.Artifacts;

/// <summary><c>orchestrator-silo validate-artifacts [--ignore-legacy] [FILE or FOLDER ...]</c>: works without a running silo.</summary>
internal static class ValidateCommand
{
    /// <summary>0 = all good, 1 = a finding, 2 = wrong usage.</summary>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var ignoreLegacy = args.Contains("--ignore-legacy");
        var places = args.Where(a => !a.StartsWith("--", StringComparison.Ordinal)).ToList();
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

    private static IEnumerable<string> Files(string place) =>
        Directory.Exists(place)
            ? Directory.EnumerateFiles(place, "*.json").Order(StringComparer.Ordinal)
            : [place];

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
