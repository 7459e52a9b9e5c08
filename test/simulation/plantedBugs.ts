export function plantedSource(_name: string, _file: string): string | null { return null; }
