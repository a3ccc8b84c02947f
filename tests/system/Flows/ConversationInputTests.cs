using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>What comes in with replies: files, task files, and what is refused.</summary>
public sealed class ConversationInputTests
{
    [Fact]
    public async Task Files_are_sent_along_under_safe_names_and_what_is_no_text_and_no_image_is_refused()
    {
        await using var silo = await SiloProcess.StartAsync();
        var note = await silo.Client.UploadAsync("../../x/CON.txt", "hello note\n"u8.ToArray());
        var image = await silo.Client.UploadAsync(
            "plan.png",
            new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0 }
        );
        var program = await Assert.ThrowsAsync<OrchestratorException>(() =>
            silo.Client.UploadAsync("a.txt", new byte[] { 0x7F, 0x45, 0x4C, 0x46, 0, 1 })
        );
        var huge = await Assert.ThrowsAsync<OrchestratorException>(() =>
            silo.Client.UploadAsync("big.txt", new byte[Attachment.BytesMax + 1])
        );
        var unknown = await Assert.ThrowsAsync<OrchestratorException>(() =>
            silo.Client.SubmitAsync(
                new SubmitRequest
                {
                    Request = "x",
                    Attachments = [new AttachedFile("a", new string('0', 64))],
                }
            )
        );

        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"run","command":["sh","-c","cat \"$TMPDIR\"/attachments/01-* > seen.txt"]},{"do":"say","text":"read"}""",
                await SiloProcess.RepositoryAsync(("a.txt", "one\n"))
            ) with
            {
                Attachments =
                [
                    new AttachedFile(note.Name, note.Blob),
                    new AttachedFile("../" + image.Name, image.Blob),
                ],
            }
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);

        Assert.Equal(("attachment-CON.txt", "text/plain"), (note.Name, note.MediaType));
        Assert.Equal("image/png", image.MediaType);
        Assert.All(
            [program, huge, unknown],
            e => Assert.Equal(FailureCodes.InvalidRequest, e.Failure?.Code)
        );
        var said = (await silo.Client.GetConversationAsync(task.TaskId)).Entries;
        Assert.Equal(["attachment-CON.txt", "plan.png"], said[0].Attachments);
        Assert.Contains("+hello note", await task.GetDiffAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_replies_get_an_exact_answer_and_change_nothing()
    {
        await using var silo = await SiloProcess.StartAsync("--Task:RepliesWaitingMax=2");
        var task = await silo.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"hang"}"""));
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.AgentStarted);

        var codes = new List<string?>();
        foreach (
            var (id, reply) in ((string, ReplyRequest)[])
                [
                    ("task_unknown", new() { Text = "x" }),
                    ("../etc", new() { Text = "x" }),
                    (task.TaskId, new() { Text = "  " }),
                    (task.TaskId, new() { Text = new string('x', 200_001) }),
                    (task.TaskId, new() { Text = "x", Type = "magic" }),
                    (task.TaskId, new() { Text = "x", Constraints = [""] }),
                    (task.TaskId, new() { Text = "x", Attachments = [new("a", "zz")] }),
                    (task.TaskId, new() { Text = "x", Script = "{" }),
                ]
        )
        {
            var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
                silo.Client.ReplyAsync(id, reply)
            );
            codes.Add(refused.Failure?.Code);
        }
        await silo.Client.ReplyAsync(task.TaskId, new ReplyRequest { Text = "a" });
        await silo.Client.ReplyAsync(task.TaskId, new ReplyRequest { Text = "b" });
        var flood = await Assert.ThrowsAsync<OrchestratorException>(() =>
            silo.Client.ReplyAsync(task.TaskId, new ReplyRequest { Text = "c" })
        );
        // Ten megabytes pasted: more than a server reads, so that the client says it.
        var large = await Assert.ThrowsAsync<OrchestratorException>(() =>
            silo.Client.ReplyAsync(
                task.TaskId,
                new ReplyRequest { Text = new string('x', 10_000_000) }
            )
        );
        var paste = await CliProcess.RunAsync(silo.Data, "reply", "task_unknown", "hello");

        Assert.Equal(
            [
                FailureCodes.NotFound,
                FailureCodes.NotFound,
                .. Enumerable.Repeat(FailureCodes.InvalidRequest, 6),
            ],
            codes
        );
        Assert.Equal(FailureCodes.QueueFull, flood.Failure?.Code);
        Assert.True(flood.Failure!.RetryAfterSeconds > 0);
        Assert.Equal(1, paste.ExitCode);
        Assert.Equal(FailureCodes.InvalidRequest, large.Failure?.Code);
        Assert.Contains("attachment", large.Message, StringComparison.Ordinal);
        Assert.Contains("There is no task", paste.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await silo.Client.GetAsync(task.TaskId)).RepliesWaiting);
    }

    [Fact]
    public async Task A_task_file_that_names_its_parent_is_the_parents_next_turn_once()
    {
        await using var silo = await SiloProcess.StartAsync("--Intake:Watch=true");
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"first"}""")
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);
        var folder = Path.Combine(silo.Data, "tasks");
        Directory.CreateDirectory(folder);

        await File.WriteAllTextAsync(
            Path.Combine(folder, "more.task.md"),
            $"""
            ---
            id: more_1
            type: analyze
            parent_task_id: {task.TaskId}
            ---

            # More

            **Prompt:**
            And now the second half.

            **Success Criteria:**
            - [ ] nothing is lost
            """
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered { Turn: 2 });

        var end = await silo.Client.GetAsync(task.TaskId);
        Assert.Equal(["nothing is lost"], end.Constraints);
        var said = (await silo.Client.GetConversationAsync(task.TaskId)).Entries;
        Assert.Equal(
            ("And now the second half.", "file", 2),
            (said[2].Text, said[2].Channel, said[2].Turn)
        );
    }
}
