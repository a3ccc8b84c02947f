using Microsoft.Extensions.Options;
using Orchestrator.Grains.Telegram;

namespace Orchestrator.Silo.Telegram;

/// <summary>Wires the Telegram door.</summary>
internal static class TelegramHosting
{
    /// <summary>Registers it. Without a token nothing is done.</summary>
    public static IServiceCollection AddTelegram(
        this IServiceCollection services,
        IConfiguration configuration
    )
    {
        services
            .AddOptions<TelegramOptions>()
            .Bind(configuration.GetSection("Telegram"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<TelegramOptions>, TelegramOptionsRules>();
        services.AddSingleton<TelegramHost>();
        services.AddSingleton<IChatHost>(s => s.GetRequiredService<TelegramHost>());
        services.AddSingleton<ChatGate>();
        services.AddSingleton<ChatFiles>();
        services.AddSingleton<IChatDocuments>(s => s.GetRequiredService<ChatFiles>());
        services.AddSingleton<DeskAnswers>();
        services.AddSingleton<DeskViews>();
        services.AddSingleton<DeskIntake>();
        services.AddSingleton<DeskWork>();
        services.AddSingleton<DeskTalk>();
        services.AddSingleton<DeskActs>();
        services.AddSingleton<IChatDesk, TelegramDesk>();
        services.AddHostedService<TelegramPump>();
        return services;
    }
}
