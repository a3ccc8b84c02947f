using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Artifacts;
using Orchestrator.Silo.Settings;

namespace Orchestrator.Silo.Intake;

/// <summary>
/// Takes over a predecessor's working directory: pending task files, archives, results, summaries, logs. The source is only
/// read; what is there already is left alone, so that a second import takes nothing twice.
/// </summary>
internal sealed class PredecessorImport(
    TaskInbox inbox,
    TaskFolder folders,
    ExportFolder exports,
    ITaskIndex index,
    Redactor redactor,
    SettingsData data
)
{
    private const int FilesMax = 100_000;
    private const long BytesMax = 64L * 1024 * 1024;

    /// <summary>Imports, or only tells what an import would do.</summary>
    public async Task<(WorkReport? Report, Failure? Failure)> RunAsync(
        string directory,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        if (!Path.IsPathFullyQualified(directory) || !Directory.Exists(directory))
        {
            return Refuse($"'{directory}' is no folder on this host. Write its full path.");
        }
        var source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        if (RealPath(source) == RealPath(data.Directory))
        {
            return Refuse(
                $"{source} is this server's own data directory; its files are used where they lie."
            );
        }
        string[] parts = ["tasks", "results", "summaries", "logs"];
        if (!parts.Any(p => Directory.Exists(Path.Combine(source, p))))
        {
            return Refuse(
                $"{source} is no predecessor's working directory: it has none of {string.Join(", ", parts)}. Name the folder that holds them."
            );
        }
        var work = new Work([], [], [], dryRun);
        await TakePendingAsync(source, work, cancellationToken);
        await TakeFilesAsync(
            source,
            Path.Combine("tasks", "processed"),
            "*.md",
            work,
            cancellationToken
        );
        await TakeResultsAsync(source, work, cancellationToken);
        await TakeFilesAsync(source, "summaries", "*_summary.txt", work, cancellationToken);
        await TakeFilesAsync(source, "logs", "*.ndjson*", work, cancellationToken, "imported");
        await TakeFilesAsync(source, "logs", "metrics.json", work, cancellationToken, "imported");
        foreach (var left in (string[])["prompts", ".env"])
        {
            var path = Path.Combine(source, left);
            if (File.Exists(path) || Directory.Exists(path))
            {
                work.Skipped.Add(
                    left == ".env"
                        ? $".env is not taken: look through it and put what you still want into {Path.Combine(data.Directory, ".env")}"
                        : "prompts is not taken: the agents' prompts are part of the product"
                );
            }
        }
        return (new WorkReport(work.Done, work.Skipped, work.Problems), null);
    }

    private async Task TakePendingAsync(
        string source,
        Work work,
        CancellationToken cancellationToken
    )
    {
        var folder = Path.Combine(source, "tasks");
        var names = new SortedSet<string>(
            Files(folder, "*.md")
                .Select(f => Path.GetFileName(f)!)
                .Where(TaskFileReader.IsTaskFileName),
            StringComparer.Ordinal
        );
        foreach (var pending in await PendingAsync(source, work, cancellationToken))
        {
            // The names come from a file: only what lies in the folder itself is believed.
            if (!names.Contains(pending))
            {
                work.Problems.Add(
                    $"logs/state.json names {pending}, which does not lie in {folder}"
                );
            }
        }
        foreach (var name in names)
        {
            await TakeTaskAsync(Path.Combine(folder, name), name, work, cancellationToken);
        }
    }

    private async Task TakeTaskAsync(
        string path,
        string name,
        Work work,
        CancellationToken cancellationToken
    )
    {
        if (await inbox.ReadAsync(path, cancellationToken) is not { } content)
        {
            work.Problems.Add(
                $"tasks/{name} is held by another program; stop the predecessor first"
            );
            return;
        }
        var reading = TaskFileReader.Read(name, content);
        if (reading.File is not { } file)
        {
            work.Problems.Add(
                redactor.Redact($"tasks/{name}: {string.Join(' ', reading.Problems)}")
            );
            return;
        }
        var to = Path.Combine(inbox.Folder, name);
        if (await index.FindAsync(file.Id, cancellationToken) is not null || File.Exists(to))
        {
            work.Skipped.Add($"tasks/{name}: task {file.Id} is there already");
            return;
        }
        if (folders.Resolve(file.Cwd).Failure is { } outside)
        {
            work.Problems.Add($"tasks/{name}, line {file.CwdLine}: {outside.Message}");
            return;
        }
        work.Done.Add($"tasks/{name} as task {file.Id}");
        if (!work.DryRun)
        {
            await WriteAsync(to, content, cancellationToken);
        }
    }

    private async Task TakeResultsAsync(
        string source,
        Work work,
        CancellationToken cancellationToken
    )
    {
        foreach (var path in Files(Path.Combine(source, "results"), "*.json"))
        {
            var name = Path.GetFileName(path)!;
            var id = Path.GetFileNameWithoutExtension(path)!;
            if (name == "index.json")
            {
                continue; // made anew from the results themselves
            }
            if (
                !SubmissionReader.IsId(id)
                || await TextAsync(path, work, cancellationToken) is not { } text
            )
            {
                work.Problems.Add($"results/{name} cannot be taken under this name or size");
                continue;
            }
            if (File.Exists(Path.Combine(data.Directory, "results", name)))
            {
                work.Skipped.Add($"results/{name} is there already");
                continue;
            }
            try
            {
                var findings = ArtifactValidator.Check(id, text);
                var flaw = findings.Count > 0 ? $" (kept as it is: {findings[0]})" : "";
                work.Done.Add($"results/{name}{flaw}");
                if (!work.DryRun)
                {
                    await exports.WriteArtifactAsync(
                        id,
                        Encoding.UTF8.GetBytes(redactor.Redact(text)),
                        cancellationToken
                    );
                }
            }
            catch (JsonException e)
            {
                work.Problems.Add($"results/{name} is no JSON: {e.Message}");
            }
        }
        await exports.WriteIndexAsync(cancellationToken);
    }

    private async Task TakeFilesAsync(
        string source,
        string below,
        string pattern,
        Work work,
        CancellationToken cancellationToken,
        string into = ""
    )
    {
        foreach (var path in Files(Path.Combine(source, below), pattern))
        {
            var name = Path.GetFileName(path)!;
            var shown = Path.Combine(below, name).Replace('\\', '/');
            var to = Path.Combine(data.Directory, below, into, name);
            if (File.Exists(to))
            {
                work.Skipped.Add($"{shown} is there already");
            }
            else if (await TextAsync(path, work, cancellationToken) is { } text)
            {
                work.Done.Add(shown);
                if (!work.DryRun)
                {
                    await WriteAsync(
                        to,
                        Encoding.UTF8.GetBytes(redactor.Redact(text)),
                        cancellationToken
                    );
                }
            }
        }
    }

    private static async Task<IReadOnlyList<string>> PendingAsync(
        string source,
        Work work,
        CancellationToken cancellationToken
    )
    {
        var path = Path.Combine(source, "logs", "state.json");
        if (!File.Exists(path))
        {
            return [];
        }
        try
        {
            var state = JsonNode.Parse(await TextAsync(path, work, cancellationToken) ?? "{}");
            return
            [
                .. (state as JsonObject)?["pending_files"] is JsonArray files
                    ? files
                        .Select(f => f?.ToString() ?? "")
                        .Select(f => f.Replace('\\', '/').Split('/')[^1])
                        .Where(f => f.Length > 0)
                        .Distinct()
                    : [],
            ];
        }
        catch (JsonException e)
        {
            work.Problems.Add($"logs/state.json is no JSON: {e.Message}");
            return [];
        }
    }

    private static async Task<string?> TextAsync(
        string path,
        Work work,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (new FileInfo(path).Length is <= BytesMax and > 0)
            {
                return await File.ReadAllTextAsync(path, cancellationToken);
            }
            return new FileInfo(path).Length == 0 ? "" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            work.Problems.Add($"{path} cannot be read: {e.Message}");
            return null;
        }
    }

    // No links: what they lead to is not the predecessor's.
    private static List<string> Files(string folder, string pattern) =>
        Directory.Exists(folder)
            ? new DirectoryInfo(folder)
                .EnumerateFiles(pattern, SearchOption.TopDirectoryOnly)
                .Where(f => f.LinkTarget is null)
                .Select(f => f.FullName)
                .Take(FilesMax)
                .Order(StringComparer.Ordinal)
                .ToList()
            : [];

    private static async Task WriteAsync(
        string to,
        byte[] content,
        CancellationToken cancellationToken
    )
    {
        var folder = Directory.CreateDirectory(Path.GetDirectoryName(to)!).FullName;
        var part = Path.Combine(folder, $".{Path.GetFileName(to)}.tmp");
        await File.WriteAllBytesAsync(part, content, cancellationToken);
        File.Move(part, to, overwrite: false);
    }

    private static string RealPath(string path) => Runners.RealPath.Of(path);

    private static (WorkReport?, Failure?) Refuse(string message) =>
        (null, new Failure(FailureCodes.InvalidRequest, message));

    private sealed record Work(
        List<string> Done,
        List<string> Skipped,
        List<string> Problems,
        bool DryRun
    );
}
