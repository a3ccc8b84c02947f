using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Cli;

/// <summary>Verbs for auditors.</summary>
internal static class AuditCommands
{
    private const int Page = 1_000;
    private const int HashShown = 12;

    /// <summary>The verb with its sub-verbs.</summary>
    public static Command Make()
    {
        var task = new Argument<string?>("task")
        {
            Description = "The task's id.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var audit = new Command(
            "audit",
            "Show who asked, who approved, and what was ruled and done for a task; export and verify the record."
        )
        {
            task,
        };
        audit.SetAction(
            async (p, cancel) =>
            {
                if (p.GetValue(task) is not { Length: > 0 } id)
                {
                    throw Usage(
                        "Name a task: orchestrator audit TASK; or audit export, audit verify FILE."
                    );
                }
                using var client = CommandLine.Finder(p).Connect();
                return Show(await WholeAsync(client, id, cancel), CommandLine.Out(p));
            }
        );
        audit.Add(Export());
        audit.Add(Verify());
        return audit;
    }

    private static async Task<AuditReport> WholeAsync(
        OrchestratorClient client,
        string id,
        CancellationToken cancel
    )
    {
        var report = await client.AuditAsync(id, 0, Page, cancel);
        var entries = report.Entries.ToList();
        while (report.Next is { } next)
        {
            report = await client.AuditAsync(id, next, Page, cancel);
            entries.AddRange(report.Entries);
        }
        return report with { Entries = entries };
    }

    private static int Show(AuditReport report, Output output)
    {
        output.Answer(
            report,
            OrchestratorJson.Default.AuditReport,
            r =>
            {
                Output.Line(
                    $"{"fact", 4}  {"when (UTC)", -23}  {"who", -16}  {"channel", -8}  {"what", -18}  {"hash", -HashShown}"
                );
                foreach (var e in r.Entries)
                {
                    var at = e.At.UtcDateTime.ToString(
                        "yyyy-MM-dd HH:mm:ss.fff",
                        CultureInfo.InvariantCulture
                    );
                    Output.Line(
                        $"{e.Sequence, 4}  {at, -23}  {Or(e.Who), -16}  {Or(e.Channel), -8}  {e.Kind, -18}  {e.Hash[..Math.Min(HashShown, e.Hash.Length)], -HashShown}  {e.What}"
                    );
                }
                Output.Line(
                    r.Breaks.Count == 0
                        ? Output.Paint("The task's chain of hashes verifies.", 32)
                        : Output.Paint(string.Join('\n', r.Breaks), 31)
                );
            }
        );
        return report.Breaks.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string Or(string text) => text.Length > 0 ? text : "-";

    private static Command Export()
    {
        var task = new Option<string?>("--task") { Description = "Only this task's facts." };
        var since = new Option<string?>("--since")
        {
            Description =
                "Leave out facts before this instant, such as 2026-01-31 or 2026-01-31T12:00:00Z.",
        };
        var until = new Option<string?>("--until")
        {
            Description = "Leave out facts at or after this instant.",
        };
        var file = new Option<string?>("--out")
        {
            Description = "A new file, readable by its owner only; without it: stdout.",
        };
        var command = new Command(
            "export",
            "Write facts as they are stored, not redacted, with their hashes. Needs the scope audit."
        )
        {
            task,
            since,
            until,
            file,
        };
        command.SetAction(
            async (p, cancel) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var (from, to) = (
                    Instant("--since", p.GetValue(since)),
                    Instant("--until", p.GetValue(until))
                );
                var path = p.GetValue(file) is { } named ? Path.GetFullPath(named) : null;
                await using var target = path is null ? Console.OpenStandardOutput() : Create(path);
                await using var kept = new LastLine(target);
                await client.ExportAuditAsync(kept, p.GetValue(task), from, to, cancel);
                await target.FlushAsync(cancel);
                if (End(kept.Text) is not { } end)
                {
                    throw new OrchestratorException(
                        $"The export was cut: its last line is missing{(path is null ? "" : $" in {path}")}. Ask again."
                    );
                }
                var (records, digest) = end;
                await Console.Error.WriteLineAsync(
                    $"{records} records{(path is null ? "" : $" in {path}")}. Digest {digest}: note it elsewhere; 'orchestrator audit verify FILE --digest {digest}' then shows that the file is this one."
                );
                if (path is not null && CommandLine.Out(p).Json)
                {
                    CommandLine
                        .Out(p)
                        .Answer(
                            new Dictionary<string, string>
                            {
                                ["file"] = path,
                                ["records"] = records.ToString(CultureInfo.InvariantCulture),
                                ["digest"] = digest,
                            },
                            OrchestratorJson.Default.DictionaryStringString,
                            _ => { }
                        );
                }
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Verify()
    {
        var file = new Argument<string>("file") { Description = "A file of audit export." };
        var digest = new Option<string?>("--digest")
        {
            Description = "The digest that the file must have, noted when it was exported.",
        };
        var command = new Command(
            "verify",
            "Check an export without a server: every byte, the order of its lines, each task's chain of hashes."
        )
        {
            file,
            digest,
        };
        command.SetAction(
            (p, _) =>
                Task.FromResult(
                    ServeCommand.VerifyAudit(
                        p.GetValue(file)!,
                        p.GetValue(digest),
                        CommandLine.Out(p).Json
                    )
                )
        );
        return command;
    }

    // An export that is there stays: it may be evidence.
    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return new FileStream(path, options);
    }

    private static (long Records, string Digest)? End(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.TryGetProperty("end", out _)
                ? (
                    json.RootElement.GetProperty("records").GetInt64(),
                    json.RootElement.GetProperty("digest").GetString() ?? ""
                )
                : null;
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static DateTimeOffset? Instant(string option, string? text) =>
        text is null ? null
        : DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var instant
        )
            ? instant
        : throw Usage($"{option} '{text}' is no instant. Example: 2026-01-31T12:00:00Z.");

    private static OrchestratorException Usage(string message) =>
        new(new Failure(FailureCodes.InvalidRequest, message), ExitCodes.Usage);

    /// <summary>Passes everything on and keeps the end of it: the last line is short.</summary>
    private sealed class LastLine(Stream target) : Stream
    {
        private const int Kept = 512;
        private readonly List<byte> tail = [];

        public string Text => Encoding.UTF8.GetString([.. tail]).TrimEnd('\n').Split('\n')[^1];

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => target.Flush();

        public override int Read(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count)
        {
            Keep(buffer.AsSpan(offset, count));
            target.Write(buffer, offset, count);
        }

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            Keep(buffer.Span);
            await target.WriteAsync(buffer, cancellationToken);
        }

        private void Keep(ReadOnlySpan<byte> bytes)
        {
            tail.AddRange(bytes[Math.Max(0, bytes.Length - Kept)..]);
            tail.RemoveRange(0, Math.Max(0, tail.Count - Kept));
        }
    }
}
