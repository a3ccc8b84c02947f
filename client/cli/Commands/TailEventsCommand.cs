using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Client;

namespace Orchestrator.Cli;

/// <summary>The last lines of <c>logs/events.ndjson</c> and, when asked, those that follow. It reads the files: no server is needed.</summary>
internal static class TailEventsCommand
{
    private const int RotatedMax = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var task = new Option<string?>("--task") { Description = "Only this task." };
        var type = new Option<string[]>("--type")
        {
            Description = "Only events of this name, such as retry; more than one may be named.",
            AllowMultipleArgumentsPerToken = true,
        };
        var since = SinceText.Option("Only events from then on.");
        var lines = new Option<int>("--lines")
        {
            Description = "How many.",
            DefaultValueFactory = _ => 50,
        };
        lines.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is < 0 or > 1_000_000)
            {
                r.AddError("--lines must be 0 to 1,000,000.");
            }
        });
        var follow = new Option<bool>("--follow", "-f")
        {
            Description = "Go on with what follows; Ctrl-C ends it.",
        };
        var command = new Command("tail-events", "Show the last events.")
        {
            task,
            type,
            since,
            lines,
            follow,
        };
        command.SetAction(
            async (p, token) =>
            {
                var tail = new Tail(
                    Path.Combine(CommandLine.Finder(p).Data, "logs", "events.ndjson"),
                    new EventFilter(
                        p.GetValue(task),
                        p.GetValue(type) ?? [],
                        SinceText.Read(p.GetValue(since), TimeProvider.System.GetUtcNow())
                    ),
                    CommandLine.Out(p).Json
                );
                tail.ShowLast(p.GetValue(lines));
                if (p.GetValue(follow))
                {
                    await tail.FollowAsync(Pause, token);
                }
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private sealed class Tail(string file, EventFilter filter, bool json)
    {
        private long read;

        public void ShowLast(int lines)
        {
            // The newest file first: an older one is read only when lines are wanting.
            var last = new List<string>();
            var any = false;
            for (var i = 0; i <= RotatedMax && last.Count < Math.Max(lines, 1); i++)
            {
                var path = i == 0 ? file : $"{file}.{i.ToString(CultureInfo.InvariantCulture)}";
                if (!File.Exists(path))
                {
                    continue;
                }
                any = true;
                var (text, length) = ReadFrom(path, 0);
                read = i == 0 ? length : read;
                last.InsertRange(0, text.Where(filter.Wants).TakeLast(lines - last.Count));
            }
            if (!any)
            {
                Console.Error.WriteLine($"There are no events yet: {file} does not exist.");
            }
            foreach (var line in last)
            {
                Show(line);
            }
        }

        public async Task FollowAsync(TimeSpan pause, CancellationToken cancellationToken)
        {
            while (true)
            {
                await Task.Delay(pause, TimeProvider.System, cancellationToken);
                if (!File.Exists(file))
                {
                    continue;
                }
                if (new FileInfo(file).Length < read)
                {
                    // It was rotated: what we had not read yet is the end of the older one.
                    foreach (var line in ReadFrom(file + ".1", read).Lines.Where(filter.Wants))
                    {
                        Show(line);
                    }
                    read = 0;
                }
                var (lines, length) = ReadFrom(file, read);
                read = length;
                foreach (var line in lines.Where(filter.Wants))
                {
                    Show(line);
                }
            }
        }

        // Whole lines only: a half-written one is read with its end.
        private static (IReadOnlyList<string> Lines, long Length) ReadFrom(string path, long from)
        {
            if (!File.Exists(path))
            {
                return ([], from);
            }
            using var stream = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            stream.Seek(Math.Min(from, stream.Length), SeekOrigin.Begin);
            using var buffer = new MemoryStream();
            stream.CopyTo(buffer);
            var bytes = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
            var end = bytes.LastIndexOf((byte)'\n') + 1;
            var lines = Encoding
                .UTF8.GetString(bytes[..end])
                .Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return (lines, from + end);
        }

        private void Show(string line)
        {
            if (json)
            {
                Output.Line(line.TrimEnd('\r'));
                return;
            }
            try
            {
                using var document = JsonDocument.Parse(line);
                Output.Line(Words(document.RootElement));
            }
            catch (JsonException)
            {
                Console.Error.WriteLine($"A line of {file} is not JSON; it is left out.");
            }
        }

        private static string Words(JsonElement root)
        {
            string Of(string name) => root.TryGetProperty(name, out var v) ? v.ToString() : "";
            var rest = string.Join(
                ' ',
                root.EnumerateObject()
                    .Where(p => p.Name is not ("timestamp" or "event" or "task_id"))
                    .Select(p => $"{p.Name}={p.Value}")
            );
            var name = Of("event").PadRight(18);
            var colour = Of("event") switch
            {
                "timeout" or "cancelled" or "artifacts_error" or "security_violation" => 31,
                "retry" or "throttled" => 33,
                _ => 36,
            };
            return $"{Of("timestamp")}  {Output.Paint(name, colour)}  task={Of("task_id")}  {rest}".TrimEnd();
        }
    }

    /// <summary>Which lines are wanted. Looked for in the text first: of most lines that is all.</summary>
    private sealed record EventFilter(string? Task, string[] Types, DateTimeOffset? Since)
    {
        public bool Wants(string line)
        {
            if (
                Task is not null
                && !line.Contains($"\"task_id\":\"{Task}\"", StringComparison.Ordinal)
            )
            {
                return false;
            }
            if (Types.Length == 0 && Since is null)
            {
                return true;
            }
            try
            {
                using var document = JsonDocument.Parse(line);
                return (Types.Length == 0 || Types.Contains(Of(document, "event")))
                    && (
                        Since is not { } since
                        || (
                            DateTimeOffset.TryParse(
                                Of(document, "timestamp"),
                                CultureInfo.InvariantCulture,
                                DateTimeStyles.AssumeUniversal,
                                out var at
                            )
                            && at >= since
                        )
                    );
            }
            catch (JsonException)
            {
                return false;
            }
        }

        private static string Of(JsonDocument document, string name) =>
            document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty(name, out var value)
                ? value.ToString()
                : "";
    }
}
