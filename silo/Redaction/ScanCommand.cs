using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Decisions.Redaction;

namespace Orchestrator.Silo.Redaction;

/// <summary>
/// <c>orchestrator-silo scan [PATH ...] [--diff FILE|-] [--staged] [--json]</c>: looks for secrets, without a running silo.
/// Findings go to stdout as <c>path:line:column rule</c>, never the secret; what was not looked at goes to stderr.
/// </summary>
internal sealed class ScanCommand(TextWriter output, TextWriter error)
{
    private const int Clean = 0;
    private const int Unread = 1;
    private const int Usage = 2;
    private const int Found = 3;
    private const int FindingsMax = 1_000;
    private readonly Redactor redactor = new([]);
    private readonly List<ScanFinding> findings = [];
    private readonly List<(string Path, string Why)> skipped = [];
    private bool unread;
    private int files;

    /// <summary>0 = none found, 1 = none found but a file was not readable, 2 = wrong usage, 3 = found.</summary>
    public int Run(IReadOnlyList<string> args, Func<Stream> input)
    {
        if (ScanOrder.Read(args, out var wrong) is not { } order)
        {
            error.WriteLine("scan: " + wrong);
            return Usage;
        }
        try
        {
            var scan = new SecretScan(redactor, allowMarked: true);
            if (order.Staged)
            {
                findings.AddRange(scan.Patch(StagedDiff.Take(), FindingsMax));
            }
            else if (order.Diff is { } diff)
            {
                findings.AddRange(scan.Patch(ReadDiff(diff, input), FindingsMax));
            }
            else
            {
                Scan(scan, order.Paths);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine("scan: " + redactor.Redact(e.Message));
            return Usage;
        }
        Answer(order.Json);
        return findings.Count > 0 ? Found
            : unread ? Unread
            : Clean;
    }

    private void Scan(SecretScan scan, IReadOnlyList<string> paths)
    {
        var walk = new ScanWalk((path, why) => skipped.Add((path, why)));
        foreach (var path in paths)
        {
            if (!Path.Exists(path))
            {
                throw new FileNotFoundException($"{path} is not there.");
            }
            foreach (var file in walk.Files(path))
            {
                try
                {
                    if (walk.Text(file) is { } text)
                    {
                        files++;
                        var left = FindingsMax - findings.Count;
                        findings.AddRange(scan.Text(ScanWalk.Shown(file), text, left));
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    unread = true;
                    skipped.Add((ScanWalk.Shown(file), "not readable: " + e.Message));
                }
            }
        }
        unread |= walk.Unread;
    }

    private static byte[] ReadDiff(string diff, Func<Stream> input)
    {
        if (diff != "-")
        {
            return File.ReadAllBytes(diff);
        }
        using var all = new MemoryStream();
        using var stream = input();
        stream.CopyTo(all);
        return all.ToArray();
    }

    private void Answer(bool json)
    {
        foreach (var (path, why) in skipped)
        {
            error.WriteLine(redactor.Redact($"scan: {path} is left out: {why}"));
        }
        if (json)
        {
            output.WriteLine(Json());
            return;
        }
        foreach (var finding in findings)
        {
            output.WriteLine(
                $"{redactor.Redact(finding.Path)}:{finding.Line}:{finding.Column} {finding.Rule}"
            );
        }
        if (findings.Count > 0)
        {
            error.WriteLine(
                $"scan: {(findings.Count == FindingsMax ? "at least " : "")}{findings.Count} found. Take it out and renew it where it was valid; where one is meant to stand, write {SecretScan.AllowMark} into a comment on its line."
            );
        }
    }

    private string Json()
    {
        using var bytes = new MemoryStream();
        using (
            var json = new Utf8JsonWriter(
                bytes,
                new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
            )
        )
        {
            json.WriteStartObject();
            json.WriteStartArray("findings");
            foreach (var finding in findings)
            {
                json.WriteStartObject();
                json.WriteString("path", redactor.Redact(finding.Path));
                json.WriteNumber("line", finding.Line);
                json.WriteNumber("column", finding.Column);
                json.WriteString("rule", finding.Rule);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("files", files);
            json.WriteStartArray("left_out");
            foreach (var (path, why) in skipped)
            {
                json.WriteStartObject();
                json.WriteString("path", redactor.Redact(path));
                json.WriteString("why", redactor.Redact(why));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
