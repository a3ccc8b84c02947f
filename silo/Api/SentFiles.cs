using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>Files that were sent ahead of the request or reply that names them.</summary>
internal sealed class SentFiles(IBlobStore blobs, IUploadStore uploads, TimeProvider time)
{
    /// <summary>Attachments as their content says; what a caller says of them is not believed.</summary>
    public async Task<(IReadOnlyList<Attachment> Files, Failure? Failure)> LookAtAsync(
        IReadOnlyList<Attachment> said,
        CancellationToken token
    )
    {
        var files = new List<Attachment>(said.Count);
        foreach (var file in said)
        {
            // First: from here on it is too young to be removed before the fact that names it is there.
            await uploads.TouchAsync(file.Blob, time.GetUtcNow(), token);
            if (await blobs.GetAsync(file.Blob, token) is not { } content)
            {
                return (
                    [],
                    new Failure(
                        FailureCodes.InvalidRequest,
                        $"The store has no file {file.Blob[..12]}. Send it to {TalkEndpoints.AttachmentsPath} first."
                    )
                );
            }
            var (read, failure) = AttachmentRules.Read(file.Name, content.Span, file.Blob);
            if (read is null)
            {
                return ([], failure);
            }
            files.Add(read);
        }
        return (files, null);
    }
}
