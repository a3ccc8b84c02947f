using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Artifacts;

/// <summary>An artifact of schema 1.0 or 1.1, read back as far as a person is shown it.</summary>
public static partial class ArtifactReader
{
    private static readonly string[] Marks = ["Modified: ", "Created: ", "Deleted: "];

    /// <summary>The task it tells of, or null when the text is no artifact.</summary>
    /// <param name="json">The artifact.</param>
    public static TaskSnapshot? Read(string json)
    {
        try
        {
            return Take(json);
        }
        catch (InvalidOperationException)
        {
            // Half a character, as writers leave it that cut texts by length: shown as the mark for one.
            return Take(HalfCharacter().Replace(json, @"\ufffd"));
        }
    }

    [GeneratedRegex(
        @"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    )]
    private static partial Regex HalfCharacter();

    private static TaskSnapshot? Take(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (
                root.ValueKind != JsonValueKind.Object
                || Text(root, "task_id") is not { Length: > 0 } id
            )
            {
                return null;
            }
            var success =
                root.TryGetProperty("success", out var s) && s.ValueKind == JsonValueKind.True;
            var at = At(Text(root, "timestamp"));
            var task = root.TryGetProperty("task", out var t) ? t : default;
            var title = Text(task, "title");
            var files = Texts(root, "files_modified").Select(Change).ToList();
            var errors = Texts(root, "errors").ToList();
            return new TaskSnapshot
            {
                TaskId = id,
                Phase = success ? TaskPhase.Done : TaskPhase.Failed,
                Title = title.Length > 0 ? title : $"Task {id} (imported)",
                Request = Text(task, "prompt"),
                Requester = "import",
                Turn = 1,
                Attempt = 1,
                CreatedAt = at,
                UpdatedAt = at,
                Failure = success
                    ? null
                    : new Failure(
                        FailureCodes.AgentFailed,
                        errors.Count > 0 ? errors[0] : "The imported task failed."
                    ),
                Result = new RunResult
                {
                    ExitCode = (int)Number(root, "return_code"),
                    DurationSeconds = Number(root, "execution_time"),
                    ResultText = Output(root),
                    Diff = new DiffSummary { Files = files, FilesTotal = files.Count },
                },
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The predecessor's times carry no zone; they are taken as UTC, like every time here.
    private static DateTimeOffset At(string text) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var at
        )
            ? at
            : DateTimeOffset.UnixEpoch;

    private static FileChange Change(string written)
    {
        var mark = Array.Find(Marks, m => written.StartsWith(m, StringComparison.Ordinal));
        var status = mark?[0] switch
        {
            'C' => "A",
            'D' => "D",
            _ => "M",
        };
        return new FileChange(
            (mark is null ? written : written[mark.Length..]).Replace('\\', '/'),
            "",
            status,
            0,
            0,
            "",
            ""
        );
    }

    // The CLI's own result, wherever the version that wrote the file kept it.
    private static string Output(JsonElement root)
    {
        foreach (var name in (string[])["parsed_output", "raw_stdout"])
        {
            if (!root.TryGetProperty(name, out var value))
            {
                continue;
            }
            if (
                value.ValueKind == JsonValueKind.Object
                && Text(value, "result") is { Length: > 0 } r
            )
            {
                return r;
            }
            if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } s)
            {
                return s;
            }
        }
        return "";
    }

    private static double Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out var number)
        && Math.Abs(number) < int.MaxValue
            ? number
            : 0;

    private static string Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    private static IEnumerable<string> Texts(JsonElement root, string name) =>
        root.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
                .Where(e => e.ValueKind == JsonValueKind.String)
                .Select(e => e.GetString()!)
            : [];
}
