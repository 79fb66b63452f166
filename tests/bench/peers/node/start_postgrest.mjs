export async function startPostgrest() { throw new Error("x"); }
