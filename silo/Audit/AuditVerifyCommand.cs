using System.Text.Json;
using Orchestrator.Decisions.Audit;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Silo.Audit;

/// <summary><c>orchestrator-silo audit-verify [--json] [--digest HEX] FILE</c>: needs no server, no database and no network.</summary>
internal static class AuditVerifyCommand
{
    // A fact holds a request of at most 200,000 characters and what else belongs to it.
    private const int LineMax = 64 * 1024 * 1024;

    /// <summary>0 = the file verifies, 1 = it does not, 2 = wrong usage or no such file.</summary>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        const string Usage = "audit-verify [--json] [--digest HEX] FILE";
        var (json, digest, file) = (false, (string?)null, (string?)null);
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == "--json")
            {
                json = true;
            }
            else if (args[i] == "--digest" && i + 1 < args.Count)
            {
                digest = args[++i].Trim().ToLowerInvariant();
            }
            else if (file is null && !args[i].StartsWith("--", StringComparison.Ordinal))
            {
                file = args[i];
            }
            else
            {
                error.WriteLine($"audit-verify: '{args[i]}' is not understood. Usage: {Usage}");
                return 2;
            }
        }
        if (file is null)
        {
            error.WriteLine($"audit-verify: name a file. Usage: {Usage}");
            return 2;
        }
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            var verdict = Verify(stream);
            if (verdict.Findings.Count == 0 && digest is not null && digest != verdict.Digest)
            {
                verdict = verdict with
                {
                    Findings =
                    [
                        new AuditFinding(
                            0,
                            "",
                            0,
                            $"The file is whole, but it is another one: its digest is {verdict.Digest}, not {digest}."
                        ),
                    ],
                };
            }
            Tell(verdict, json, output);
            return verdict.Findings.Count == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine("audit-verify: " + e.Message);
            return 2;
        }
    }

    /// <summary>Reads line by line; memory grows with the longest line and the number of tasks.</summary>
    internal static AuditVerdict Verify(Stream stream)
    {
        var verifier = new AuditVerifier();
        var buffer = new byte[64 * 1024];
        var filled = 0;
        while (true)
        {
            var read = stream.Read(buffer, filled, buffer.Length - filled);
            filled += read;
            var start = 0;
            while (buffer.AsSpan(start, filled - start).IndexOf((byte)'\n') is >= 0 and var length)
            {
                verifier.Take(buffer.AsSpan(start, length));
                start += length + 1;
            }
            if (read == 0)
            {
                if (filled > start)
                {
                    verifier.Take(buffer.AsSpan(start, filled - start), closed: false);
                }
                return verifier.End();
            }
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            if (filled == buffer.Length)
            {
                if (filled >= LineMax)
                {
                    throw new IOException($"a line is longer than {LineMax} bytes: no export.");
                }
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    private static void Tell(AuditVerdict verdict, bool json, TextWriter output)
    {
        if (json)
        {
            output.WriteLine(
                JsonSerializer.Serialize(verdict, OrchestratorJson.Default.AuditVerdict)
            );
            return;
        }
        foreach (var finding in verdict.Findings)
        {
            output.WriteLine(finding.Message);
        }
        output.WriteLine(
            verdict.Findings.Count == 0
                ? $"OK: {verdict.Records} records of {verdict.Tasks} tasks verify. Digest {verdict.Digest}"
                : $"INVALID: {verdict.Findings.Count}{(verdict.Findings.Count == AuditVerifier.FindingsMax ? " or more" : "")} findings, the first at line {verdict.Findings[0].Line}."
        );
    }
}
