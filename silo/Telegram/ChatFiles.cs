using System.Text;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Telegram;

namespace Orchestrator.Silo.Telegram;

/// <summary>Files that people send, and documents that they get.</summary>
internal sealed class ChatFiles(
    TelegramHost host,
    IBlobStore blobs,
    IUploadStore uploads,
    TimeProvider time,
    IJournal journal,
    Redactor redactor
) : IChatDocuments
{
    private const int FactsMax = 100_000;
    private const int FetchTries = 3;

    /// <summary>The document as an attachment; none when there is no document; else why it is not taken.</summary>
    public async Task<(IReadOnlyList<Attachment> Files, Failure? Failure)> TakeAsync(
        ChatDocument? document,
        CancellationToken token
    )
    {
        if (document is null)
        {
            return ([], null);
        }
        // Before anything is fetched: what it says of itself is enough to be refused by.
        if (document.Bytes > Attachment.BytesMax)
        {
            return ([], AttachmentRules.TooLarge(document.Name));
        }
        byte[]? content = null;
        var problem = "";
        for (var i = 0; i < FetchTries && content is null; i++)
        {
            (content, problem) = await host.FetchAsync(document.FileId, token);
        }
        if (content is null)
        {
            return (
                [],
                new Failure(
                    FailureCodes.Unavailable,
                    $"The file '{AttachmentRules.NameOf(document.Name)}' could not be fetched: {redactor.Redact(problem)} Send it again."
                )
            );
        }
        var (read, failure) = AttachmentRules.Read(document.Name, content, "");
        if (read is null)
        {
            return ([], failure);
        }
        // Handled again after a crash it is sent again, and is young again; refused, nothing names it.
        var blob = await uploads.PutAsync(content, time.GetUtcNow(), token);
        return ([read with { Blob = blob }], null);
    }

    /// <inheritdoc />
    public async Task<ReadOnlyMemory<byte>?> MakeAsync(
        ChatSend send,
        CancellationToken cancellationToken
    )
    {
        if (send.Kind != ChatSendKind.Document)
        {
            return ReadOnlyMemory<byte>.Empty;
        }
        return send.Holds switch
        {
            ChatDocumentKind.Patch => await blobs.GetAsync(send.Content, cancellationToken)
                is { } patch
                ? Clean(Encoding.UTF8.GetString(patch.Span))
                : null,
            ChatDocumentKind.Artifact => await ArtifactAsync(send.Content, cancellationToken),
            _ => Clean(send.Content),
        };
    }

    private async Task<ReadOnlyMemory<byte>?> ArtifactAsync(string taskId, CancellationToken token)
    {
        var facts = await journal.ReadTaskAsync(taskId, 0, FactsMax, token);
        if (facts.Count == 0)
        {
            return null;
        }
        var state = facts.Aggregate(TaskState.Empty, (s, f) => s.After(f.Fact, f.At));
        var artifact = ArtifactWriter.Write(
            taskId,
            state,
            facts,
            new ArtifactExtras("", 1, state.Agent?.Executable ?? "")
        );
        return Clean(Encoding.UTF8.GetString(artifact));
    }

    private ReadOnlyMemory<byte>? Clean(string text) =>
        Encoding.UTF8.GetBytes(redactor.Redact(text));
}
