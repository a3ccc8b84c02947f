using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Client;

/// <content>Asking again where it can do no harm.</content>
public sealed partial class OrchestratorClient
{
    private const int TriesMax = 4;
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    // A silo that lost a neighbour for a moment says when to ask again. Only for calls that change nothing,
    // or that the server knows again by their key.
    private static async Task<T> AskAgainAsync<T>(
        Func<Task<T>> ask,
        CancellationToken cancellationToken
    )
    {
        for (var tries = 1; ; tries++)
        {
            TimeSpan wait;
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (OrchestratorException e)
                when (tries < TriesMax && e.Failure is { } failure && Passes(failure))
            {
                wait = TimeSpan.FromSeconds(failure.RetryAfterSeconds);
            }
            await Task.Delay(
                    wait < WaitMax ? wait : WaitMax,
                    TimeProvider.System,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
    }

    // "For the moment" by the server's own word. A store that fails, a full queue or a limit is for the caller to know at once.
    private static bool Passes(Failure failure) =>
        failure is { Code: FailureCodes.Unavailable, RetryAfterSeconds: > 0 };
}
