using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Client;

public sealed partial class OrchestratorClient
{
    /// <summary>Deliveries that were given up, oldest first.</summary>
    /// <param name="subscriber">Only this kind's; null = all.</param>
    /// <param name="replayed">True: those that were replayed too.</param>
    /// <param name="after">The page's start, from <see cref="DeadLetterPage.Next"/>.</param>
    /// <param name="max">1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<DeadLetterPage> ListDeadLettersAsync(
        string? subscriber = null,
        bool replayed = false,
        long after = 0,
        int max = 100,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/dead-letters?max={max}&after={after}&subscriber={Escape(subscriber ?? "")}&replayed={(replayed ? "true" : "false")}",
            OrchestratorJson.Default.DeadLetterPage,
            cancellationToken
        );

    /// <summary>Delivers letters again; one that was replayed before is a success and delivers nothing.</summary>
    public Task<ReplayReport> ReplayDeadLettersAsync(
        ReplayRequest request,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Post, "v1/dead-letters/replay")
            {
                Content = Body(request, OrchestratorJson.Default.ReplayRequest),
            },
            OrchestratorJson.Default.ReplayReport,
            cancellationToken
        );

    /// <summary>The server's checks of itself; first repaired what is safe, and with one real call of the agent, when asked. Asks for the scope <c>operate</c>.</summary>
    public Task<DoctorReport> RunDoctorAsync(
        DoctorRequest request,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Post, "v1/doctor")
            {
                Content = Body(request, OrchestratorJson.Default.DoctorRequest),
            },
            OrchestratorJson.Default.DoctorReport,
            cancellationToken
        );

    /// <summary>Every door of the running configuration: what is open, to whom, and what to do about it. Asks for the scope <c>admin</c>.</summary>
    public Task<DoctorReport> GetSecurityDoctorAsync(
        CancellationToken cancellationToken = default
    ) => GetAsync("v1/doctor/security", OrchestratorJson.Default.DoctorReport, cancellationToken);

    /// <summary>Has the server write <c>logs/metrics.json</c> now; its path is in the answer.</summary>
    public Task<WorkReport> WriteStatsAsync(CancellationToken cancellationToken = default) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Put, "v1/stats/file"),
            OrchestratorJson.Default.WorkReport,
            cancellationToken
        );

    /// <summary>The runner hosts: state, slots, labels, what runs there.</summary>
    public Task<HostList> ListHostsAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/hosts", OrchestratorJson.Default.HostList, cancellationToken);

    /// <summary>Gives a host no new runs (those that run go on), or lifts that. In the answer: <see cref="WorkReport.Done"/> when it changed, <see cref="WorkReport.Skipped"/> when it was so already.</summary>
    public Task<WorkReport> DrainAsync(
        string host,
        bool drained = true,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(
                drained ? HttpMethod.Put : HttpMethod.Delete,
                $"v1/hosts/{Escape(host)}/drain"
            ),
            OrchestratorJson.Default.WorkReport,
            cancellationToken
        );

    /// <summary>The agents' accounts, and which wait for the end of a usage limit.</summary>
    public Task<AccountList> ListAccountsAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/accounts", OrchestratorJson.Default.AccountList, cancellationToken);

    /// <summary>What today's runs cost, and what may be spent.</summary>
    public Task<BudgetReport> GetBudgetsAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/budgets", OrchestratorJson.Default.BudgetReport, cancellationToken);

    /// <summary>Lets the work of an agent account go on before the end of its usage limit; <see cref="WorkReport.Skipped"/> when it was open.</summary>
    public Task<WorkReport> OpenAccountAsync(
        string account,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Put, $"v1/accounts/{Escape(account)}/open"),
            OrchestratorJson.Default.WorkReport,
            cancellationToken
        );

    /// <summary>Emergency stop: ends every run now and begins none until it is released; turns are queued again, nothing is lost. In the answer: the hosts that obey (<see cref="WorkReport.Skipped"/> when it was so already), and <see cref="WorkReport.Problems"/> for hosts that were not reached.</summary>
    public Task<WorkReport> StopEverythingAsync(
        bool stopped = true,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(stopped ? HttpMethod.Put : HttpMethod.Delete, "v1/estop"),
            OrchestratorJson.Default.WorkReport,
            cancellationToken
        );
}
