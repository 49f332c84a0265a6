/** What is read anew when an account comes or goes. */
export const HOLDINGS = ['/v1/accounts', '/v1/sites', '/v1/domains'] as const;
