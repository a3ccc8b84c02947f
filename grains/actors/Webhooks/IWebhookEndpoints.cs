namespace Orchestrator.Grains.Webhooks;

/// <summary>Where messages go.</summary>
public interface IWebhookEndpoints
{
    /// <summary>Names of the endpoints that are configured.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Names of those that want a type.</summary>
    IReadOnlyList<string> Wanting(string type);

    /// <summary>Sends one message once, signed. Never throws for what the network or the receiver does.</summary>
    /// <param name="endpoint">A configured name.</param>
    /// <param name="messageId">The header <c>webhook-id</c>.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    Task<WebhookAnswer> SendAsync(
        string endpoint,
        string messageId,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    );
}

/// <summary>What a receiver answered.</summary>
/// <param name="Status">HTTP status; 0 = none came, and the words say why.</param>
/// <param name="Words">For people; not redacted yet.</param>
/// <param name="RetryAfter">What it asked to wait, or null.</param>
public sealed record WebhookAnswer(int Status, string Words, TimeSpan? RetryAfter = null)
{
    /// <summary>2xx.</summary>
    public bool Taken => Status is >= 200 and < 300;

    /// <summary>410: it wants nothing any more.</summary>
    public bool Gone => Status == 410;
}
