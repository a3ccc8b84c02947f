using System.Text;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>The audit verbs of the built command line against the built silo, and past them into its files.</summary>
public sealed class AuditTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    [Fact]
    public async Task An_audit_names_who_asked_by_which_door_and_who_stopped_it()
    {
        var token = await shared.Client.CreateTokenAsync(
            new TokenRequest { Name = "ann", Scopes = ["submit", "read", "operate"] }
        );
        using var ann = new OrchestratorClient(shared.Discovery.Address, token.Secret!);
        var task = await ann.SubmitAsync(
            SiloProcess.Scripted("""{"do":"hang"}""") with
            {
                Source = "cli",
            }
        );
        await task.CancelAsync("changed my mind");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        await task.WaitAsync(limit.Token);

        var words = await CliProcess.RunAsync(shared.Silo.Data, "audit", task.TaskId);
        var json = await CliProcess.RunAsync(shared.Silo.Data, "audit", task.TaskId, "--json");
        var report = JsonSerializer.Deserialize(
            json.Output,
            GrainInterfaces.OrchestratorJson.Default.AuditReport
        )!;

        Assert.Equal((0, 0), (words.ExitCode, json.ExitCode));
        Assert.Matches(@"1 +\S+ \S+ +ann +cli +submitted +[0-9a-f]{12}  ", words.Output);
        Assert.Matches(
            @"ann +- +cancel-requested +[0-9a-f]{12}  reason=changed my mind",
            words.Output
        );
        Assert.Contains("chain of hashes verifies", words.Output, StringComparison.Ordinal);
        Assert.Equal(
            Enumerable.Range(1, report.Entries.Count).Select(n => (long)n),
            report.Entries.Select(e => e.Sequence)
        );
        Assert.All(report.Entries, e => Assert.Matches("^[0-9a-f]{64}$", e.Hash));
        Assert.Empty(report.Breaks);
    }

    [Fact]
    public async Task Pages_of_an_audit_walk_over_every_fact_and_nobody_has_none()
    {
        var task = await shared.EndAsync("""{"do":"say","text":"x"}""", type: "analyze");
        var seen = new List<long>();
        long? after = 0;
        while (after is { } from)
        {
            var page = await shared.Client.AuditAsync(task.TaskId, from, 3);
            seen.AddRange(page.Entries.Select(e => e.Sequence));
            after = page.Next;
        }
        Assert.Equal(Enumerable.Range(1, seen.Count).Select(n => (long)n), seen);
        Assert.True(seen.Count > 6);

        var nobody = await CliProcess.RunAsync(shared.Silo.Data, "audit", "nobody");
        var nothing = await CliProcess.RunAsync(shared.Silo.Data, "audit");
        Assert.Equal((1, 2), (nobody.ExitCode, nothing.ExitCode));
        Assert.Contains("Name a task", nothing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_verifies_without_a_server_and_one_changed_letter_is_named()
    {
        var task = await shared.EndAsync(
            """{"do":"say","text":"x"}""",
            type: "analyze",
            title: "Exported title"
        );
        var folder = SiloProcess.NewFolder();
        var file = Path.Combine(folder, "all.ndjson");
        var export = await CliProcess.RunAsync(shared.Silo.Data, "audit", "export", "--out", file);
        Assert.True(export.ExitCode == 0, export.Error);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(file)
            );
        }

        // A data directory without a silo: nothing but the file is looked at.
        var nowhere = SiloProcess.NewFolder();
        var good = await CliProcess.RunAsync(nowhere, "audit", "verify", file);
        Assert.True(good.ExitCode == 0, good.Output + good.Error);
        var digest = good.Output.Trim().Split(' ')[^1];
        Assert.Contains(digest, export.Error, StringComparison.Ordinal);
        var same = await CliProcess.RunAsync(nowhere, "audit", "verify", file, "--digest", digest);
        var other = await CliProcess.RunAsync(
            nowhere,
            "audit",
            "verify",
            file,
            "--digest",
            new string('0', 64)
        );
        Assert.Equal((0, 1), (same.ExitCode, other.ExitCode));

        var lines = await File.ReadAllLinesAsync(file);
        var line = Array.FindIndex(
            lines,
            l => l.Contains("Exported title", StringComparison.Ordinal)
        );
        lines[line] = lines[line]
            .Replace("Exported title", "Exported titel", StringComparison.Ordinal);
        var forged = Path.Combine(folder, "forged.ndjson");
        await File.WriteAllTextAsync(forged, string.Join('\n', lines) + "\n");
        var bad = await CliProcess.RunAsync(nowhere, "audit", "verify", forged);
        var json = await CliProcess.RunAsync(nowhere, "audit", "verify", forged, "--json");

        Assert.Equal((1, 1), (bad.ExitCode, json.ExitCode));
        Assert.StartsWith(
            $"Line {line + 1}: task {task.TaskId}, fact 1: its stored bytes",
            bad.Output,
            StringComparison.Ordinal
        );
        var verdict = JsonSerializer.Deserialize(
            json.Output,
            GrainInterfaces.OrchestratorJson.Default.AuditVerdict
        )!;
        var finding = Assert.Single(verdict.Findings);
        Assert.Equal(
            (line + 1L, task.TaskId, 1L),
            (finding.Line, finding.TaskId, finding.Sequence)
        );

        // What is there is not overwritten, and what is not there is not a good file.
        var again = await CliProcess.RunAsync(shared.Silo.Data, "audit", "export", "--out", file);
        var missing = await CliProcess.RunAsync(nowhere, "audit", "verify", file + ".none");
        Assert.Equal((2, 2), (again.ExitCode, missing.ExitCode));
    }

    [Fact]
    public async Task The_stored_bytes_and_hashes_of_an_export_are_those_of_the_database()
    {
        await shared.EndAsync("""{"do":"say","text":"Grüße"}""", type: "analyze");
        using var output = new MemoryStream();
        await shared.Client.ExportAuditAsync(output);
        var facts = ChainReader.Read(shared.Silo.Data);
        var records = Records(output);

        Assert.InRange(records.Count, 8, facts.Count);
        Assert.All(
            records.Zip(facts),
            pair =>
            {
                var (record, fact) = pair;
                Assert.Equal(fact.Payload, record.GetProperty("stored").GetRawText());
                Assert.Equal(fact.TaskId, record.GetProperty("task").GetString());
                Assert.Equal(fact.Sequence, record.GetProperty("sequence").GetInt64());
                Assert.Equal(fact.Position, record.GetProperty("position").GetInt64());
                Assert.Equal(fact.Fact, record.GetProperty("kind").GetString());
            }
        );
    }

    [Fact]
    public async Task Parts_by_task_and_by_time_verify_by_themselves()
    {
        var first = await shared.EndAsync("""{"do":"say","text":"x"}""", type: "analyze");
        var second = await shared.EndAsync("""{"do":"say","text":"y"}""", type: "analyze");
        var facts = ChainReader.Read(shared.Silo.Data);
        var middle = facts.First(f => f.TaskId == second.TaskId).Position;
        using var json = JsonDocument.Parse(facts[(int)middle - 1].Payload);
        var at = json.RootElement.GetProperty("at").GetDateTimeOffset();
        var file = Path.Combine(SiloProcess.NewFolder(), "part.ndjson");

        async Task<List<JsonElement>> PartAsync(params string[] options)
        {
            File.Delete(file);
            var export = await CliProcess.RunAsync(
                shared.Silo.Data,
                ["audit", "export", "--out", file, .. options]
            );
            Assert.True(export.ExitCode == 0, export.Error);
            var verified = await CliProcess.RunAsync(null, "audit", "verify", file);
            Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
            using var content = new MemoryStream(await File.ReadAllBytesAsync(file));
            return Records(content);
        }

        var one = await PartAsync("--task", first.TaskId);
        var late = await PartAsync("--since", at.ToString("o"));
        var early = await PartAsync("--until", at.ToString("o"));
        var none = await PartAsync("--until", "2020-01-01");
        var tail = await PartAsync(
            "--task",
            second.TaskId,
            "--since",
            at.AddTicks(1).ToString("o")
        );

        Assert.All(one, r => Assert.Equal(first.TaskId, r.GetProperty("task").GetString()));
        Assert.Equal(facts.Count(f => f.TaskId == first.TaskId), one.Count);
        Assert.Equal(middle, late[0].GetProperty("position").GetInt64());
        Assert.Equal(middle - 1, early.Count);
        Assert.Empty(none);
        Assert.InRange(tail[0].GetProperty("sequence").GetInt64(), 2, 3);
    }

    [Fact]
    public async Task An_export_asks_for_its_own_scope_because_it_is_not_redacted()
    {
        const string Secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        var task = await shared.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"x"}""", type: "analyze") with
            {
                Request = "Use " + Secret,
            }
        );
        OrchestratorClient As(TokenInfo token) => new(shared.Discovery.Address, token.Secret!);
        using var auditor = As(
            await shared.Client.CreateTokenAsync(
                new TokenRequest { Name = "auditor", Scopes = ["audit"] }
            )
        );
        using var reader = As(
            await shared.Client.CreateTokenAsync(
                new TokenRequest { Name = "reader", Scopes = ["read"] }
            )
        );
        using var output = new MemoryStream();
        await auditor.ExportAuditAsync(output, task.TaskId);
        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            reader.ExportAuditAsync(Stream.Null)
        );
        var shown = await reader.AuditAsync(task.TaskId);

        Assert.Contains(
            Secret,
            Encoding.UTF8.GetString(output.ToArray()),
            StringComparison.Ordinal
        );
        Assert.Equal(FailureCodes.Forbidden, refused.Failure!.Code);
        Assert.DoesNotContain(
            shown.Entries,
            e => e.What.Contains(Secret, StringComparison.Ordinal)
        );
        await Assert.ThrowsAsync<OrchestratorException>(() => auditor.GetStatusAsync());
    }

    [Theory]
    [InlineData("since=yesterday", 400, "is no instant")]
    [InlineData("until=5", 400, "is no instant")]
    [InlineData("task=nobody", 404, "nobody")]
    [InlineData("task=..%2fx", 404, "no task")]
    public async Task What_an_export_cannot_be_of_is_refused_by_name(
        string query,
        int status,
        string word
    )
    {
        using var http = shared.Http(shared.Discovery.Token);
        using var response = await http.GetAsync(
            new Uri("v1/audit/export?" + query, UriKind.Relative)
        );
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(word, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_lists_the_doors_in_words_and_as_one_object()
    {
        var admin = await shared.Client.CreateTokenAsync(
            new TokenRequest { Name = "for-ever", Scopes = ["admin"] }
        );
        var words = await CliProcess.RunAsync(shared.Silo.Data, "doctor", "--security");
        var json = await CliProcess.RunAsync(shared.Silo.Data, "doctor", "--security", "--json");
        var report = JsonSerializer.Deserialize(
            json.Output,
            GrainInterfaces.OrchestratorJson.Default.DoctorReport
        )!;

        Assert.Equal((0, 0), (words.ExitCode, json.ExitCode));
        foreach (
            var name in (string[])
                [
                    "address",
                    "host names",
                    "endpoints",
                    "request limit",
                    "stream limit",
                    "wrong tokens",
                    "token local",
                    "token for-ever",
                    "between silos",
                    "data directory",
                    "access silo.json",
                    "repositories",
                    "sandbox",
                    "agent environment",
                    "task files",
                    "mediator",
                ]
        )
        {
            Assert.Contains($"  {name}: ", words.Output, StringComparison.Ordinal);
            Assert.Contains(report.Checks, c => c.Name == name);
        }
        var warned = report.Checks.Single(c => c.Name == "token for-ever");
        Assert.Equal("warn", warned.Level);
        Assert.Contains(admin.Id, warned.Cure, StringComparison.Ordinal);
        Assert.DoesNotContain(shared.Discovery.Token, words.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(admin.Secret!, words.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_door_that_must_not_be_open_fails_the_doctor()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sets a mode");
        await using var silo = await SiloProcess.StartOnAsync(data =>
        {
            File.WriteAllText(Path.Combine(data, ".env"), "Runner__Slots=1\n");
            if (!OperatingSystem.IsWindows())
            {
                const UnixFileMode Read =
                    UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
                File.SetUnixFileMode(Path.Combine(data, ".env"), Read | UnixFileMode.UserWrite);
                File.SetUnixFileMode(
                    data,
                    Read
                        | UnixFileMode.UserWrite
                        | UnixFileMode.UserExecute
                        | UnixFileMode.OtherExecute
                );
            }
        });

        var run = await CliProcess.RunAsync(silo.Data, "doctor", "--security");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("fail  access .env: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("warn  data directory: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("chmod go=", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_made_for_a_time_and_the_list_says_until_when()
    {
        var made = await CliProcess.RunAsync(
            shared.Silo.Data,
            "token",
            "create",
            "timed",
            "--expires",
            "30d"
        );
        var list = await CliProcess.RunAsync(shared.Silo.Data, "token", "list");
        var wrong = await CliProcess.RunAsync(
            shared.Silo.Data,
            "token",
            "create",
            "timed",
            "--expires",
            "soon"
        );

        Assert.True(made.ExitCode == 0, made.Error);
        Assert.Contains("ends 2", made.Error, StringComparison.Ordinal);
        Assert.Matches(@"timed +read,submit +valid, ends \d{4}-", list.Output);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("30d", wrong.Error, StringComparison.Ordinal);
    }

    // Without the header and the end.
    private static List<JsonElement> Records(MemoryStream export) =>
        [
            .. Encoding
                .UTF8.GetString(export.ToArray())
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..^1]
                .Select(l =>
                {
                    using var json = JsonDocument.Parse(l);
                    return json.RootElement.Clone();
                }),
        ];
}
