using System.Net.Http.Headers;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Client;

/// <content>Talking to a task after its request.</content>
public sealed partial class OrchestratorClient
{
    /// <summary>Continues a task: the reply becomes its next turn.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="reply">What is said; <c>Text</c> is required.</param>
    /// <param name="idempotencyKey">Sent again with the same key it counts once. Null: a key is made, so that asking again after a lost answer does no harm.</param>
    /// <param name="cancellationToken">Leaves the call; an accepted reply stays.</param>
    public Task<ReplyAnswer> ReplyAsync(
        string taskId,
        ReplyRequest reply,
        string? idempotencyKey = null,
        CancellationToken cancellationToken = default
    )
    {
        var key = string.IsNullOrEmpty(idempotencyKey)
            ? Guid.NewGuid().ToString("N")
            : idempotencyKey;
        return AskAgainAsync(
            () =>
                PostKeyedAsync(
                    $"v1/tasks/{Escape(taskId)}/reply",
                    Body(reply, OrchestratorJson.Default.ReplyRequest),
                    key,
                    OrchestratorJson.Default.ReplyAnswer,
                    cancellationToken
                ),
            cancellationToken
        );
    }

    /// <summary>Submits a new task that begins from the end of a turn of this one.</summary>
    /// <param name="taskId">The parent.</param>
    /// <param name="fork">What the new task is to do; <c>Request</c> is required.</param>
    /// <param name="idempotencyKey">The same key is the same new task. Null: a key is made.</param>
    /// <param name="cancellationToken">Leaves the call; an accepted task stays.</param>
    public async Task<TaskHandle> ForkAsync(
        string taskId,
        ForkRequest fork,
        string? idempotencyKey = null,
        CancellationToken cancellationToken = default
    )
    {
        var key = string.IsNullOrEmpty(idempotencyKey)
            ? Guid.NewGuid().ToString("N")
            : idempotencyKey;
        var answer = await AskAgainAsync(
                () =>
                    PostKeyedAsync(
                        $"v1/tasks/{Escape(taskId)}/fork",
                        Body(fork, OrchestratorJson.Default.ForkRequest),
                        key,
                        OrchestratorJson.Default.SubmitAnswer,
                        cancellationToken
                    ),
                cancellationToken
            )
            .ConfigureAwait(false);
        return new TaskHandle(this, answer.Task.TaskId, answer.AlreadyThere);
    }

    /// <summary>What was said in a task after an entry's number, oldest first.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="after">Number of the last entry that is known; 0 = from the start.</param>
    /// <param name="max">1 to 1,000.</param>
    /// <param name="cancellationToken">Leaves the call.</param>
    public Task<ConversationPage> GetConversationAsync(
        string taskId,
        int after = 0,
        int max = 100,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/tasks/{Escape(taskId)}/conversation?after={after}&max={max}",
            OrchestratorJson.Default.ConversationPage,
            cancellationToken
        );

    /// <summary>The whole conversation as Markdown.</summary>
    public async Task<string> GetConversationMarkdownAsync(
        string taskId,
        CancellationToken cancellationToken = default
    )
    {
        using var message = new HttpRequestMessage(
            HttpMethod.Get,
            $"v1/tasks/{Escape(taskId)}/conversation.md"
        );
        using var response = await SendAsync(
                message,
                HttpCompletionOption.ResponseContentRead,
                cancellationToken
            )
            .ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores a file to send along: text (UTF-8), PNG, JPEG, GIF, WebP or PDF, at most 20 MiB.</summary>
    /// <param name="name">Its name; only the last part of a path is kept.</param>
    /// <param name="content">Its content.</param>
    /// <param name="cancellationToken">Leaves the call.</param>
    public async Task<Attachment> UploadAsync(
        string name,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken = default
    )
    {
        using var body = new ReadOnlyMemoryContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var message = new HttpRequestMessage(
            HttpMethod.Post,
            $"v1/attachments?name={Escape(name)}"
        )
        {
            Content = body,
        };
        return await SendAsync(message, OrchestratorJson.Default.Attachment, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<T> PostKeyedAsync<T>(
        string path,
        ByteArrayContent body,
        string key,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        AddKey(message, key);
        return await SendAsync(message, type, cancellationToken).ConfigureAwait(false);
    }
}
